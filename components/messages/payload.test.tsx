import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeMessage } from '#lib/pipeline/message.ts'
import { preview } from './payload.ts'

describe('the preview of a payload', () => {
  it('shows id and text of any tweet exactly, ids beyond 2^53 included', () => {
    const id = fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String)
    fc.assert(
      fc.property(id, fc.string({ unit: 'grapheme' }), (userId, text) => {
        const value = encodeMessage({ userId, text, time: null }, new Date(0))
        expect(preview(value)).toEqual({ userId, text })
      }),
    )
  })

  it('shows a payload of another shape as it is', () => {
    expect(preview('not json')).toEqual({ userId: null, text: 'not json' })
    expect(preview('{"tweet": "cut of')).toEqual({ userId: null, text: '{"tweet": "cut of' })
  })
})
