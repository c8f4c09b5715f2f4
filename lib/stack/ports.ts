/** Whether a port can be listened on, and who holds it when it cannot. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'

const listening = '0A'
const longestCommand = 120

/** Asks the operating system by binding the port for an instant. */
export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

export interface PortHolder {
  readonly pid: number
  /** Its command line, cut to something readable. */
  readonly command: string
}

/** Inodes of the sockets that listen on the port, from the text of /proc/net/tcp or tcp6 (man 5 proc). */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === listening)
    .flatMap((fields) => fields[9] ?? [])
}

/** null where the system does not tell: no /proc, or the process of another user. */
export async function findHolder(port: number): Promise<PortHolder | null> {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => ''))
  const inodes = (await Promise.all(tables)).flatMap((table) => listeningInodes(table, port))
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`))
  if (sockets.size === 0) return null
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
    if (links.some((link) => sockets.has(link))) return { pid: Number(pid), command: await commandOf(pid) }
  }
  return null
}

async function commandOf(pid: string): Promise<string> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const command = line.replaceAll('\0', ' ').trim()
  return command.length > longestCommand ? `${command.slice(0, longestCommand)}…` : command || 'unknown'
}
