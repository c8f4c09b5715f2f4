import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headers } from '#lib/pipeline/stages.ts'
import { packetIdOf } from './outbox.ts'
import { connectPacket, PublishEncoder } from './packets.ts'
import { textPayload } from './wire-broker.ts'

it('a CONNECT packet carries user and password where the broker asks for them', () => {
  const head = [4, ...Buffer.from('MQTT'), 5]
  expect([...connectPacket('c', 10, null)]).toEqual([0x10, 14, 0, ...head, 0x02, 0, 10, 0, 0, 1, 0x63])
  const body = [0, 1, 0x75, 0, 2, ...Buffer.from('é')]
  expect([...connectPacket('c', 10, { username: 'u', password: 'é' })]).toEqual([
    0x10,
    21,
    0,
    ...head,
    0xc2,
    0,
    10,
    0,
    0,
    1,
    0x63,
    ...body,
  ])
})

describe('a PUBLISH packet', () => {
  it('has the right length whatever the payload', () => {
    const encoder = new PublishEncoder('tweets', 'r', headers)
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(300), fc.nat(40_000)),
        fc.constantFrom('x', 'é', '😀'),
        fc.nat(20),
        (size, unit, at) => {
          const payload = unit.repeat(size)
          const target = Buffer.alloc(at + encoder.room(textPayload(payload)), 0xff)
          const end = encoder.write(target, at, 65_535, '12345', '1746093600000', textPayload(payload))
          const length = Buffer.byteLength(payload)
          expect(target.subarray(end - length, end).toString()).toBe(payload)
          let value = 0
          let to = at + 1
          for (let factor = 1; ; factor *= 128) {
            value += (target[to]! & 0x7f) * factor
            if (target[to++]! < 0x80) break
          }
          expect(to + value).toBe(end)
        },
      ),
    )
  })

  it('gives two unconfirmed messages different packet ids, never 0', () => {
    expect([0, 1, 65_533, 65_534, 65_535].map(packetIdOf)).toEqual([1, 2, 65_534, 65_535, 1])
  })
})
