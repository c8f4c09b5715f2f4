import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Limits, PacketParser } from './parser.ts'

describe('the parser', () => {
  it('gives the same packets however the bytes are cut', () => {
    const connack = Buffer.from([0x20, 14, 0, 0, 11, 0x12, 0, 1, 0x61, 0x21, 0, 5, 0x24, 1, 0x25, 1])
    const bytes = Buffer.concat([
      connack,
      Buffer.from([0x40, 2, 0, 1, 0x40, 3, 0, 2, 0x10, 0x40, 4, 1, 0, 0x87, 0, 0xd0, 0, 0xe0, 0]),
    ])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }), (cuts) => {
        const seen: unknown[] = []
        const parser = new PacketParser({
          connack: (reason: number, limits: Limits) =>
            seen.push(['connack', reason, limits.receiveMaximum, limits.maximumQos]),
          puback: (id: number, reason: number) => seen.push([id, reason]),
          pong: () => seen.push('pong'),
          disconnect: (reason: number) => seen.push(['disconnect', reason]),
        })
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = cuts[turn % cuts.length]!
          parser.feed(bytes.subarray(at, at + size))
          at += size
        }
        expect(seen).toEqual([['connack', 0, 5, 1], [1, 0], [2, 0x10], [256, 0x87], 'pong', ['disconnect', 0]])
      }),
    )
  })
})
