/** Messages of about 400 bytes for the benchmarks: one a line, which is a tweets file too. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { encodeMessage } from '#lib/pipeline/message.ts'

/** Resolves to the path of the file. */
export async function writeMessages(folder: string, count: number): Promise<string> {
  const path = join(folder, `messages-${count}.jsonl`)
  const out = createWriteStream(path)
  const filler = 'x'.repeat(300)
  for (let i = 0; i < count; i++) {
    const line = encodeMessage({ userId: String(1_000 + (i % 997)), text: `${i} ${filler}`, time: null }, new Date(0))
    if (!out.write(`${line}\n`)) await new Promise<void>((r) => out.once('drain', () => r()))
  }
  out.end()
  await finished(out)
  return path
}
