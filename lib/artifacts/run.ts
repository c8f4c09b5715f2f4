/** Runs the ordinary clients (mvn, pip, apt-get) with their output line by line. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { installCommand } from './tools.ts'
import { ArtifactError } from './types.ts'

export interface RunResult {
  code: number
  /** The last lines of both outputs, for error messages. */
  tail: string[]
}

const tailLines = 30
/** A client that ignores SIGTERM is killed after this. */
const killAfterMs = 5_000

/**
 * Resolves with the exit code, whatever it is. Throws ArtifactError (`missing-tool`) when the command is not installed, and the
 * signal's reason once the child is gone.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; signal?: AbortSignal; onLine?: (line: string) => void } = {},
): Promise<RunResult> {
  const { signal } = options
  signal?.throwIfAborted()
  const child = spawn(command, args, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const tail: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      tail.push(line)
      if (tail.length > tailLines) tail.shift()
      options.onLine?.(line)
    })
  }
  let killer: NodeJS.Timeout | undefined
  const stop = () => {
    child.kill('SIGTERM')
    killer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const code = await new Promise<number>((done, fail) => {
      child.once('error', fail)
      child.once('close', (exit) => done(exit ?? 1))
    })
    signal?.throwIfAborted()
    return { code, tail }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new ArtifactError('missing-tool', `The command ${command} is not installed`, {
      hint: `Install it with: ${installCommand(command)}`,
      cause: error,
    })
  } finally {
    signal?.removeEventListener('abort', stop)
    clearTimeout(killer)
  }
}
