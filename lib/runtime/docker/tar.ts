/** Writes tar archives (POSIX ustar), which is how files go into containers and builds. */
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Of the user that all images run their service as: `docker/base/Dockerfile`. */
const owner = 1000

export interface TarEntry {
  /** With `/` between folders, at most 100 bytes, or 255 where it can be cut at a `/`. */
  readonly path: string
  readonly mode: number
  /** Text, or a file of this machine whose size must not change meanwhile; null makes a folder. */
  readonly content: string | null | { readonly file: string; readonly bytes: number }
}

function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' }
  const cut = path.indexOf('/', path.length - 101)
  const parts = { name: path.slice(cut + 1), prefix: path.slice(0, cut) }
  if (cut < 0 || Buffer.byteLength(parts.name) > 100 || Buffer.byteLength(parts.prefix) > 155)
    throw new Error(`${path} is too long for an archive`)
  return parts
}

function header({ path, mode, content }: TarEntry, bytes: number): Buffer {
  const block = Buffer.alloc(512)
  const { name, prefix } = splitPath(path)
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  block.write(name, 0)
  octal(mode, 100, 8)
  octal(owner, 108, 8)
  octal(owner, 116, 8)
  octal(bytes, 124, 12)
  // No time: equal content makes equal archives.
  octal(0, 136, 12)
  block.write(content === null ? '5' : '0', 156)
  block.write('ustar\u000000', 257, 'latin1')
  block.write(prefix, 345)
  // The sum counts its own eight bytes as blanks.
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

/** The archive in pieces, in the order of the entries. Throws when a file has another size than was said. */
export async function* tar(entries: readonly TarEntry[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    const content = entry.content ?? ''
    const bytes = typeof content === 'string' ? Buffer.byteLength(content) : content.bytes
    yield header(entry, bytes)
    let written = 0
    for await (const part of typeof content === 'string' ? [Buffer.from(content)] : createReadStream(content.file)) {
      written += part.length
      yield part as Buffer
    }
    if (written !== bytes) throw new Error(`${entry.path} has ${written} bytes now, not ${bytes}`)
    yield Buffer.alloc((512 - (bytes % 512)) % 512)
  }
  yield Buffer.alloc(1024)
}

/** Every file below a folder, sorted, as entries below `into`; dot files and what a Python has compiled are left out. */
export async function folderEntries(folder: string, into: string): Promise<TarEntry[]> {
  const entries: TarEntry[] = []
  const found = await readdir(folder, { withFileTypes: true })
  for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === '__pycache__') continue
    const file = join(folder, entry.name)
    const path = `${into}/${entry.name}`
    if (entry.isDirectory()) entries.push(...(await folderEntries(file, path)))
    else entries.push({ path, mode: 0o644, content: { file, bytes: (await stat(file)).size } })
  }
  return entries
}
