/**
 * Unpacks LZ4 frames, which kafkajs cannot read and our connector writes: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md.
 * Checksums are not verified: Kafka's own CRC covers the packed bytes.
 */
import { grow } from './unpacked.ts'

const magic = 0x184d2204
const flag = { contentChecksum: 4, contentSize: 8, blockChecksum: 16, dictionary: 1 }
const stored = 0x8000_0000

/** Throws RangeError when the frame is damaged or unpacks to more than a batch can hold. */
export function unpackLz4(frame: Buffer): Buffer {
  if (frame.readUInt32LE(0) !== magic) throw new RangeError('not an LZ4 frame')
  const flags = frame.readUInt8(4)
  const blockMax = 1 << (8 + 2 * ((frame.readUInt8(5) >> 4) & 7))
  // Magic, flags, block descriptor, what is optional, header checksum.
  let at = 7 + (flags & flag.contentSize ? 8 : 0) + (flags & flag.dictionary ? 4 : 0)
  let out: Buffer = Buffer.allocUnsafe(Math.min(blockMax, frame.length * 4))
  let length = 0
  for (;;) {
    const header = frame.readUInt32LE(at)
    at += 4
    if (header === 0) return out.subarray(0, length)
    const end = at + (header & ~stored)
    if (end > frame.length) throw new RangeError('an LZ4 block is cut short')
    out = grow(out, length, blockMax)
    if (header >>> 31) length += frame.copy(out, length, at, end)
    else length = unpackBlock(frame.subarray(at, end), out, length)
    at = end + (flags & flag.blockChecksum ? 4 : 0)
  }
}

/** Sequences of literals and of matches in what is already unpacked. Returns the new length of `out`. */
function unpackBlock(block: Buffer, out: Buffer, begin: number): number {
  let at = 0
  let to = begin
  const more = (): number => {
    let sum = 0
    let byte: number
    do {
      byte = block[at++] ?? 0
      sum += byte
    } while (byte === 255)
    return sum
  }
  while (at < block.length) {
    const token = block[at++] ?? 0
    let literals = token >> 4
    if (literals === 15) literals += more()
    if (at + literals > block.length || to + literals > out.length) throw new RangeError('an LZ4 block is damaged')
    if (literals > 16) block.copy(out, to, at, at + literals)
    else for (let i = 0; i < literals; i++) out[to + i] = block[at + i] ?? 0
    at += literals
    to += literals
    if (at >= block.length) break
    const offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8)
    at += 2
    let match = token & 15
    if (match === 15) match += more()
    match += 4
    to = repeat(out, to, offset, match)
  }
  return to
}

/** Copies `length` bytes from `offset` back; the two may overlap, which repeats a pattern. Returns the new end. */
export function repeat(out: Buffer, to: number, offset: number, length: number): number {
  const from = to - offset
  if (offset === 0 || from < 0 || to + length > out.length) throw new RangeError('a packed block is damaged')
  if (offset >= length && length > 16) out.copyWithin(to, from, from + length)
  else for (let i = 0; i < length; i++) out[to + i] = out[from + i] ?? 0
  return to + length
}
