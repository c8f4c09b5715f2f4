import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeMessage } from '#lib/pipeline/message.ts'
import { MessagePayload } from './message.ts'
import { TweetReader } from './source/index.ts'

/** As JSON writers that keep to ASCII do: Python's, for one. */
const ascii = (json: string) =>
  json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

function written(file: string, payload: MessagePayload, now: number): string {
  const reader = new TweetReader({ needsTime: () => false })
  reader.push(Buffer.from(file))
  reader.end()
  expect(reader.advance()).toBe('tweet')
  payload.set(reader.raw(), now)
  const target = Buffer.alloc(5 + payload.room, 0xff)
  const end = payload.write(target, 5)
  expect(end).toBeLessThanOrEqual(target.length)
  return target.toString('utf8', 5, end)
}

describe('the message of a tweet', () => {
  it('is the one of the pipeline, from the bytes of the file, whatever the id, the text and the moment', () => {
    const payload = new MessagePayload()
    const id = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String)
    const now = fc.integer({ min: 0, max: 4_102_444_800_000 })
    fc.assert(
      fc.property(id, fc.string({ unit: 'binary' }), now, (userId, text, at) => {
        const wanted = encodeMessage({ userId, text, time: null }, new Date(at))
        const json = JSON.stringify(text)
        expect(written(`[{"id": ${userId}, "tweets": [${json}]}]`, payload, at)).toBe(wanted)
        expect(payload.sentAt).toBe(String(at))
        const escaped = written(`{"user_id": "${userId}", "tweet": ${ascii(json)}}`, payload, at)
        expect(escaped).toBe(wanted.replace(json, () => ascii(json)))
        expect(JSON.parse(escaped).tweet).toBe(text)
      }),
    )
  })
})
