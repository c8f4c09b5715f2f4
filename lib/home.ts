/** AVIARY_HOME as console and command line share it: who holds it, and where the console answers. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'

const ConsoleFile = z.object({
  /** Without a trailing slash. */
  url: z.string(),
  pid: z.number().int(),
  /** ms since the epoch. */
  startedAt: z.number(),
})
export type ConsoleFile = z.infer<typeof ConsoleFile>

const consoleFile = (homeDir: string): string => join(homeDir, 'console.json')

/** What the last console wrote about itself; it may be gone. null when there is none or it cannot be understood. */
export async function readConsoleFile(homeDir: string): Promise<ConsoleFile | null> {
  try {
    return ConsoleFile.parse(JSON.parse(await readFile(consoleFile(homeDir), 'utf8')))
  } catch {
    return null
  }
}

export class HomeTaken extends Error {
  constructor(homeDir: string, holder: ConsoleFile | null) {
    const where = holder === null ? 'it is just starting' : `${holder.url}, process ${holder.pid}`
    super(`A console already runs on ${homeDir} (${where}). Stop it with \`aviary down\`, or set another AVIARY_HOME.`)
    this.name = 'HomeTaken'
  }
}

export interface Home {
  /** Replaces console.json in one step. */
  announce(url: string): Promise<void>
  release(): Promise<void>
}

/**
 * Takes the home for this process; throws HomeTaken while another has it. The claim is a name in the kernel's own table
 * (an abstract socket), so it ends with the process, however that ends, and never has to be cleaned up.
 */
export async function claimHome(homeDir: string): Promise<Home> {
  await mkdir(homeDir, { recursive: true, mode: 0o700 })
  const name = `\0aviary-${createHash('sha256').update(homeDir).digest('hex').slice(0, 32)}`
  const claim = createServer((socket) => socket.destroy())
  try {
    await listen(claim, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new HomeTaken(homeDir, await readConsoleFile(homeDir))
  }
  claim.unref()
  const file = consoleFile(homeDir)
  return {
    announce: async (url) => {
      const body: ConsoleFile = { url, pid: process.pid, startedAt: Date.now() }
      await writeFile(`${file}.new`, JSON.stringify(body), { mode: 0o600 })
      await rename(`${file}.new`, file)
    },
    release: async () => {
      await rm(file, { force: true })
      claim.close()
    },
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(path, done)
  })
}
