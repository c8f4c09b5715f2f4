import { describe, expect, it } from 'vitest'
import { maxElementBytes } from '#lib/scan/elements.ts'
import { maxTextBytes } from './element.ts'
import { read, texts } from './whole-file.ts'

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
