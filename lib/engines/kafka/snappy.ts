/**
 * Unpacks Snappy, which kafkajs cannot read and other producers may write:
 * https://github.com/google/snappy/blob/main/format_description.txt, in the framing of snappy-java where there is one.
 */
import { repeat } from './lz4.ts'
import { grow } from './unpacked.ts'

const framed = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])

/** Throws RangeError when the data are damaged or unpack to more than a batch can hold. */
export function unpackSnappy(data: Buffer): Buffer {
  if (!data.subarray(0, framed.length).equals(framed)) return unpackBlock(data)
  const blocks: Buffer[] = []
  // Signature, version, oldest compatible version; then blocks with their sizes.
  for (let at = framed.length + 8; at < data.length; ) {
    const end = at + 4 + data.readUInt32BE(at)
    if (end > data.length) throw new RangeError('a Snappy block is cut short')
    blocks.push(unpackBlock(data.subarray(at + 4, end)))
    at = end
  }
  return Buffer.concat(blocks)
}

function unpackBlock(block: Buffer): Buffer {
  let at = 0
  let length = 0
  for (let shift = 0, byte = 128; byte & 128; shift += 7) {
    byte = block.readUInt8(at++)
    length += (byte & 127) * 2 ** shift
  }
  const out = grow(Buffer.alloc(0), 0, length).subarray(0, length)
  let to = 0
  while (at < block.length) {
    const tag = block.readUInt8(at++)
    const kind = tag & 3
    if (kind === 0) {
      let size = tag >> 2
      if (size >= 60) {
        const bytes = size - 59
        size = block.readUIntLE(at, bytes)
        at += bytes
      }
      size++
      if (at + size > block.length || to + size > length) throw new RangeError('a Snappy block is damaged')
      to += block.copy(out, to, at, at + size)
      at += size
    } else {
      const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
      const bytes = kind === 3 ? 4 : kind
      const low = block.readUIntLE(at, bytes)
      at += bytes
      to = repeat(out, to, kind === 1 ? ((tag >> 5) << 8) | low : low, size)
    }
  }
  if (to !== length) throw new RangeError('a Snappy block is cut short')
  return out
}
