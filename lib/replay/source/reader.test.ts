import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tweet } from '#lib/pipeline/message.ts'
import type { Reject } from '#lib/pipeline/run.ts'
import { maxElementBytes, maxTextBytes } from './element.ts'
import { FileFault, type Mark } from './fault.ts'
import { TweetReader } from './reader.ts'

interface Outcome {
  tweets: Tweet[]
  rejects: Reject[]
  fault: FileFault | null
}

/** Reads a whole file in pieces of the given sizes, taken in turn. */
function read(file: string | Buffer, sizes: readonly number[] = [1 << 16], from?: Mark): Outcome {
  const bytes = Buffer.from(file).subarray(from?.offset ?? 0)
  const reader = new TweetReader({ needsTime: () => true, from })
  const outcome: Outcome = { tweets: [], rejects: [], fault: null }
  let at = 0
  for (let turn = 0; ; ) {
    try {
      const step = reader.advance()
      if (step === 'end') return outcome
      if (step === 'tweet') outcome.tweets.push(reader.tweet())
      else if (step === 'reject') outcome.rejects.push(reader.reject!)
      else if (at >= bytes.length) reader.end()
      else {
        const size = sizes[turn++ % sizes.length]!
        reader.push(bytes.subarray(at, at + size))
        at += size
      }
    } catch (fault) {
      if (!(fault instanceof FileFault)) throw fault
      outcome.fault = fault
      return outcome
    }
  }
}

const texts = (outcome: Outcome) => outcome.tweets.map((t) => `${t.userId}:${t.text}`)

describe('shapes', () => {
  it('reads users with the id after or before their tweets, pretty-printed or not', () => {
    const file =
      '[\n  {\n    "tweets": [\n      "a",\n      "b"\n    ],\n    "id": 1\n  },{"id":2,"tweets":["c"]},{"tweets":[],"id":3}]\n'
    expect(texts(read(file))).toEqual(['1:a', '1:b', '2:c'])
  })

  it('reads messages as lines, with carriage returns, blank lines and no newline at the end', () => {
    const file = '{"user_id":1,"tweet":"a","timestamp":"2025-05-01T10:00:00Z"}\r\n\n{"tweet":"b","user_id":"2"}'
    const { tweets } = read(file)
    expect(tweets).toEqual([
      { userId: '1', text: 'a', time: Date.UTC(2025, 4, 1, 10) },
      { userId: '2', text: 'b', time: null },
    ])
  })

  it('reads an array of messages', () => {
    expect(texts(read('[{"user_id":1,"tweet":"a"},{"user_id":2,"tweet":"b"}]'))).toEqual(['1:a', '2:b'])
  })

  it('reads Twitter API v1.1 objects, taking full_text before text and id_str before id', () => {
    const status = {
      created_at: 'Wed Aug 27 13:08:45 +0000 2008',
      id_str: '900',
      text: 'short',
      full_text: 'the whole text',
      entities: { hashtags: [{ text: 'x', indices: [0, 1] }] },
      user: { id: 12, id_str: '900719925474099312', name: 'n', tweets: 3 },
    }
    for (const file of [JSON.stringify(status), JSON.stringify([status]), `${JSON.stringify(status)}\n`])
      expect(read(file).tweets).toEqual([
        { userId: '900719925474099312', text: 'the whole text', time: Date.UTC(2008, 7, 27, 13, 8, 45) },
      ])
  })

  it('accepts a byte order mark, an empty array and a single object', () => {
    expect(texts(read('\ufeff[{"tweets":["a"],"id":1}]'))).toEqual(['1:a'])
    expect(read('[]')).toEqual({ tweets: [], rejects: [], fault: null })
    expect(texts(read('{"tweets":["a"],"id":1}'))).toEqual(['1:a'])
  })
})

describe('ids', () => {
  it('keeps digits beyond 2^53 and beyond 2^64 exactly', () => {
    const ids = ['9007199254740993', '1212121212121212129', '18446744073709551617', '-5', '0']
    const file = `[${ids.map((id) => `{"tweets":["t"],"id":${id}}`).join(',')}]`
    expect(read(file).tweets.map((t) => t.userId)).toEqual(ids)
  })

  it.each(['1.5', '1e5', 'null', '"x"', '"007"', '{}', '[1]', 'NaN'])('rejects the id %s with its place', (id) => {
    const { tweets, rejects } = read(`[{"tweets":["a"],"id":${id}},\n {"tweets":["b"],"id":7}]`)
    expect(tweets.map((t) => t.text)).toEqual(['b'])
    expect(rejects).toEqual([{ line: 1, column: 13, index: 0, reason: `the id is not an integer: ${id}` }])
  })
})

describe('bad tweets', () => {
  it('rejects them one by one and goes on', () => {
    const file =
      '[{"tweets":["a",\n 5, null, "b"],"id":1},\n{"tweets":["c","d"]},{"tweets":"e","id":2},7,{"id":3},{"tweets":["f"],"id":4}]'
    const { tweets, rejects, fault } = read(file)
    expect(tweets.map((t) => t.text)).toEqual(['a', 'b', 'f'])
    expect(rejects.map((r) => [r.line, r.column, r.index, r.reason])).toEqual([
      [2, 2, 1, 'the text is not a string'],
      [2, 5, 2, 'the text is not a string'],
      [3, 12, 4, 'the id is missing'],
      [3, 16, 5, 'the id is missing'],
      [3, 22, 6, '"tweets" is not an array'],
      [3, 44, 7, 'it is not a tweet of any known shape'],
      [3, 46, 8, 'it is not a tweet of any known shape'],
    ])
    expect(fault).toBeNull()
  })

  it('rejects text that is too long, or not UTF-8', () => {
    const long = `{"user_id":1,"tweet":"${'x'.repeat(maxTextBytes + 1)}"}\n`
    const bad = Buffer.concat([Buffer.from('{"user_id":1,"tweet":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n')])
    const { tweets, rejects } = read(Buffer.concat([Buffer.from(long), bad, Buffer.from('{"user_id":1,"tweet":"ok"}')]))
    expect(tweets.map((t) => t.text)).toEqual(['ok'])
    expect(rejects.map((r) => r.reason)).toEqual([
      `the text is longer than ${maxTextBytes} bytes`,
      'the text is not valid UTF-8',
    ])
  })

  it('passes over a user too large to hold, in lines and in an array', () => {
    const text = `"${'x}]\\"'.repeat(20_000)}"`
    const large = `{"tweets":[${Array(Math.ceil(maxElementBytes / text.length) + 1).fill(text)}],"id":1}`
    for (const file of [`[${large},\n{"tweets":["a"],"id":2}]`, `${large}\n{"tweets":["a"],"id":2}`]) {
      const { tweets, rejects, fault } = read(file)
      expect(tweets.map((t) => t.text)).toEqual(['a'])
      expect(rejects).toMatchObject([{ line: 1, index: 0, reason: `it is larger than ${maxElementBytes} bytes` }])
      expect(fault).toBeNull()
    }
  })

  it('loses one line, not the file, to a line that is not JSON', () => {
    const { tweets, rejects } = read('{"user_id":1,"tweet":"a"}\n{"user_id":2,"tweet":"b\n{"user_id":3,"tweet":"c"}\n')
    expect(tweets.map((t) => t.text)).toEqual(['a', 'c'])
    expect(rejects).toMatchObject([{ line: 2, column: 24, index: 1 }])
  })
})

describe('files that break', () => {
  it.each([
    ['', 'line 1, column 1: the file ends here, expected an array or lines'],
    ['hello', 'line 1, column 1: expected an array or lines'],
    ['{"screen_name":"x","id":1}', 'line 1, column 1: expected an array or lines'],
    ['[{"follows":[1],"id":1}]', 'line 1, column 2: expected an array or lines'],
    ['[\n 1]', 'line 2, column 2: expected an array or lines'],
  ])('refuses %j', (file, message) => {
    const { tweets, fault } = read(file)
    expect(tweets).toEqual([])
    expect(fault?.message).toContain(message)
  })

  it('sends everything before the break, then tells where it is', () => {
    const { tweets, fault } = read('[{"tweets":["a"],"id":1},\n{"id":2,"tweets":["é😀","b", "c')
    expect(tweets.map((t) => t.text)).toEqual(['a', 'é😀', 'b'])
    expect(fault?.message).toBe('line 2, column 31: the file ends here, expected the closing quote of a string')
  })

  it('says how many tweets are lost with an id that would have come after them', () => {
    const { tweets, fault } = read('[{"tweets":["a"],"id":1},{"tweets":["b","c"')
    expect(tweets.map((t) => t.text)).toEqual(['a'])
    expect(fault?.message).toContain('2 tweets before it are not sent')
  })

  it.each([
    ['[{"tweets":["a"],"id":1} {"tweets":["b"],"id":2}]', 'line 1, column 26: expected a comma or ], found {'],
    ['[{"tweets":["a"],"id":1}] x', 'line 1, column 27: expected the end of the file, found x'],
    ['[{"tweets":["a"],"id":1},\n{"tweets":["b" "c"]}]', 'line 2, column 16: expected a comma or ], found "'],
    ['[{"tweets":["a"],"id":1},\n{"tweets":["\\x"]}]', 'line 2, column 14: expected an escape'],
    ['[{"tweets":["a"],"id":1}', 'the file ends here, expected a comma or ]'],
  ])('stops at %j', (file, message) => {
    const { tweets, fault } = read(file)
    expect(tweets.map((t) => t.text)).toEqual(['a'])
    expect(fault?.message).toContain(message)
  })

  it('refuses nesting without end', () => {
    expect(read(`[${'['.repeat(5_000)}`).fault?.message).toContain('at most 200 levels')
  })
})

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
