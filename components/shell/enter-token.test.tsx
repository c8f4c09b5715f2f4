import { describe, expect, it } from 'vitest'
import { tokenOf } from './enter-token.ts'

describe('the token of a one-time link', () => {
  it.each([
    ['http://localhost:4400/enter#abc-DEF_123', 'abc-DEF_123'],
    ['http://localhost:4400/enter#token=abc', 'abc'],
    ['http://localhost:4400/enter?token=abc', 'abc'],
    ['  /enter#abc  ', 'abc'],
    ['http://localhost:4400/enter', null],
    ['http://localhost:4400/enter#<script>', null],
    ['http://localhost:4400/#abc', null],
    ['', null],
  ])('of %s is %s', (address, token) => {
    expect(tokenOf(address)).toBe(token)
  })
})
