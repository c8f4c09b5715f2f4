import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, parseExact, writeExact } from './json.ts'

test('integers beyond 2^53 keep every digit, all else is as JSON.parse has it', () => {
  expect(parseExact('{"id":9007199254740993,"n":42,"x":0.1,"big":18446744073709551615}')).toEqual({
    id: '9007199254740993',
    n: 42,
    x: 0.1,
    big: '18446744073709551615',
  })
})

test('whatever integer is written is read back with the same digits', () => {
  fc.assert(
    fc.property(fc.bigInt(), (n) => {
      expect(decimal.parse(parseExact(writeExact({ n }).slice(5, -1)))).toBe(n.toString())
    }),
  )
})
