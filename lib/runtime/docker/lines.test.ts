import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { FrameReader, jsonLines } from './lines.ts'

const frame = (stream: number, text: Buffer) => {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(text.length, 4)
  return Buffer.concat([header, text])
}

it('puts lines together again, however frames and packets cut them', () => {
  const line = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\n', ' '))
  const cuts = fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1 })
  fc.assert(
    fc.property(fc.array(line), cuts, cuts, (lines, frames, packets) => {
      const pieces = (all: Buffer, sizes: number[]) => {
        const parts: Buffer[] = []
        for (let at = 0, i = 0; at < all.length; i++) {
          const size = sizes[i % sizes.length]!
          parts.push(all.subarray(at, at + size))
          at += size
        }
        return parts
      }
      const text = Buffer.from(lines.map((each) => `${each}\n`).join(''))
      const wire = Buffer.concat(pieces(text, frames).map((part) => frame(1, part)))
      const reader = new FrameReader()
      const read = pieces(wire, packets).flatMap((part) => reader.push(part))
      expect([...read, ...reader.end()]).toEqual(lines)
    }),
  )
})

it('keeps the lines of standard output and error apart', () => {
  const reader = new FrameReader()
  const read = [frame(1, Buffer.from('half ')), frame(2, Buffer.from('whole\n')), frame(1, Buffer.from('line\nrest'))]
  expect(read.flatMap((part) => reader.push(part))).toEqual(['whole', 'half line'])
  expect(reader.end()).toEqual(['rest'])
})

it('does not take a text for frames', () => {
  expect(() => new FrameReader().push(Buffer.from('plain text'))).toThrow(/no log frames/)
})

it('reads JSON values, also the last without a newline', async () => {
  const stream = (async function* () {
    yield Buffer.from('{"a":1}\r\n{"b"')
    yield Buffer.from(':2}')
  })()
  const values: unknown[] = []
  for await (const value of jsonLines(stream)) values.push(value)
  expect(values).toEqual([{ a: 1 }, { b: 2 }])
})
