/** Configuration as a piece of a shell script, for containers that write it themselves before they turn into their service. */
import type { TarEntry } from './tar.ts'

export interface ConfScript {
  readonly conf: readonly TarEntry[]
  /** What stands in a text for a variable of the shell; its first group names it. With the flag g. */
  readonly marks: RegExp
  readonly variableOf: (name: string) => string
  /** Before the names of programs; nothing where they go with the rest. */
  readonly launcherDir?: string
}

/** Runs in the folder of the configuration. Nobody else may read what it writes. */
export function confScript({ conf, marks, variableOf, launcherDir }: ConfScript): string {
  const files = conf.map(({ path, mode, content }) => {
    const isProgram = mode === 0o700
    const file = isProgram && launcherDir !== undefined ? `${launcherDir}/${path}` : path
    const text = hereDocument(String(content), marks, variableOf)
    return `cat > ${file} ${text}${isProgram ? `chmod 700 ${file}\n` : ''}`
  })
  return ['umask 077\n', ...files].join('')
}

/** With marks in it the shell has to look into the text; then all that means something to the shell is made plain. */
function hereDocument(text: string, marks: RegExp, variableOf: ConfScript['variableOf']): string {
  const body = text.endsWith('\n') ? text : `${text}\n`
  if (text.search(marks) < 0) return `<<'EOF'\n${body}EOF\n`
  const plain = body.replace(/[\\$`]/g, '\\$&')
  return `<<EOF\n${plain.replace(marks, (_, name: string) => `\${${variableOf(name)}}`)}EOF\n`
}
