/** The reader held against JSON.parse, at every cut. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TweetReader } from './reader.ts'
import { read, texts } from './whole-file.ts'

/** Strings that hurt: escapes, surrogates (also alone), many bytes, control characters. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\\', '"', '\n', '\u0000', '\ud83d', 'é', '😀', '\u2028'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})
const id = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n })
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
/** As Python and Node write them: with spaces or without, escaped to ASCII or not. */
const layout = fc.record({ indent: fc.constantFrom(undefined, 2, '\t'), ascii: fc.boolean() })

function write(value: string, { ascii }: { ascii: boolean }): string {
  return ascii ? value.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`) : value
}

describe('against JSON.parse', () => {
  it('gives the same texts in the same order, wherever the pieces are cut', () => {
    const user = fc.record({ tweets: fc.array(text, { maxLength: 5 }), id, first: fc.boolean() })
    fc.assert(
      fc.property(fc.array(user, { maxLength: 5 }), sizes, layout, (users, cuts, how) => {
        const objects = users.map((u) =>
          u.first ? { id: `${u.id}`, tweets: u.tweets } : { tweets: u.tweets, id: `${u.id}` },
        )
        const file = write(JSON.stringify(objects, null, how.indent), how)
        expect(texts(read(file, cuts))).toEqual(users.flatMap((u) => u.tweets.map((t) => `${u.id}:${t}`)))
      }),
    )
  })

  it('accepts and refuses what JSON.parse does, in an unknown member', () => {
    const json = fc.json().chain((valid) =>
      fc
        .record({
          at: fc.nat(valid.length),
          with: fc.constantFrom('', ',', '}', ']', '"', '\\', '1', 'e', '-', '.', ' ', '\n', 'x'),
        })
        .map((change) => valid.slice(0, change.at) + change.with + valid.slice(change.at)),
    )
    fc.assert(
      fc.property(json, sizes, (value, cuts) => {
        const file = `[{"x":${value},"tweets":["a"],"id":1}]`
        let valid = true
        try {
          JSON.parse(file)
        } catch {
          valid = false
        }
        expect(read(file, cuts).fault === null).toBe(valid)
      }),
      { numRuns: 500 },
    )
  })

  it('finds the same tweets and rejects from a mark on', () => {
    const file = `[${Array.from({ length: 50 }, (_, i) => `{"tweets":["é${i}",${i % 7}],"id":${i}}`).join(',\n')}]`
    const whole = read(file)
    const reader = new TweetReader({ needsTime: () => false })
    reader.push(Buffer.from(file))
    reader.end()
    for (let n = 0; n < 40; n++) reader.advance()
    const mark = reader.mark()!
    const rest = read(file, [7], mark)
    expect(mark.index).toBe(40)
    expect(texts(rest)).toEqual(texts(whole).slice(20))
    expect(rest.rejects).toEqual(whole.rejects.slice(20))
  })
})
