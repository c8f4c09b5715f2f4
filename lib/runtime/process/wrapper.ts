/**
 * The shell around every service. It writes down who the service is before it becomes it, and with what code it ended, so that
 * both are known to a console that was not there; then it kills what the service has left behind (peons of a killed MiddleManager).
 */

/** Written by the wrapper into the service's folder: `<wrapper pid> <service pid> <boot id> <stat line | start time>`. */
export const processFile = 'process'
/** The exit code as the shell knows it: 128 + n for signal n. */
export const exitFile = 'exit'

// The inner shell turns into the service by exec, so its pid and start time are the service's. Signals meant for the service may
// reach the whole group: the wrapper only notes them (a trap, unlike an ignored signal, is not inherited) and stays to write the code.
const script = `
trap : HUP INT TERM
sh -c '
  if read -r stat < /proc/$$/stat; then read -r boot < /proc/sys/kernel/random/boot_id
  else boot=-; stat=$(LC_ALL=C ps -o lstart= -p $$); fi 2>/dev/null
  echo "$PPID $$ $boot $stat" > "$0/${processFile}"
  exec "$@"
' "$0" "$@"
echo $? > "$0/${exitFile}"
kill -KILL 0
`

/** Arguments for `sh` that run `command` with its records in `dir`. */
export const wrapperArguments = (dir: string, command: readonly string[]): string[] => ['-c', script, dir, ...command]

export interface WrappedProcess {
  /** Also the id of the process group. */
  readonly wrapperPid: number
  readonly pid: number
  /** As ProcessInfo.identity. */
  readonly identity: string
}

/** null while the line is not complete. */
export function parseProcessFile(text: string): WrappedProcess | null {
  const match = /^(\d+) (\d+) (\S+) (.+)\n$/.exec(text)
  if (match === null) return null
  const [, wrapperPid, pid, boot, rest = ''] = match
  const fields = rest.slice(rest.lastIndexOf(')') + 2).split(' ')
  const start = boot === '-' ? rest.trim().replace(/\s+/g, ' ') : (fields[19] ?? '')
  return { wrapperPid: Number(wrapperPid), pid: Number(pid), identity: `${boot} ${start}` }
}

const signalNames: Record<number, string> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
}

/** Java programs end with 143 after SIGTERM as a shell's child killed by it would: both read as the signal. */
export function parseExitFile(text: string): { code: number | null; signal: string | null } | null {
  const match = /^(\d+)\n$/.exec(text)
  if (match === null) return null
  const code = Number(match[1])
  return code > 128 ? { code: null, signal: signalNames[code - 128] ?? `signal ${code - 128}` } : { code, signal: null }
}
