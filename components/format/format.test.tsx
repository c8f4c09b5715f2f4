import { describe, expect, it } from 'vitest'
import * as f from './format.ts'

const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

describe('figures', () => {
  it('groups thousands in both languages, four digits included', () => {
    expect(f.formatCount(4200, 'en')).toBe('4,200')
    expect(f.formatCount(4200, 'es')).toBe('4.200')
    expect(f.formatCount(0, 'en')).toBe('0')
  })

  it('signs differences, except none', () => {
    expect(f.formatDifference(12, 'en')).toBe('+12')
    expect(f.formatDifference(-12, 'en')).toBe('-12')
    expect(f.formatDifference(0, 'en')).toBe('0')
  })

  it('shortens only what is long', () => {
    expect(f.formatCompact(9_999, 'en')).toBe('9,999')
    expect(f.formatCompact(1_234_567, 'en')).toBe('1.2M')
  })

  it('shows a decimal only where it matters', () => {
    expect(f.formatDecimal(2.25, 'en')).toBe('2.3')
    expect(f.formatDecimal(118.6, 'en')).toBe('119')
    expect(f.formatDecimal(0, 'en')).toBe('0')
    expect(f.formatDecimal(2.5, 'es')).toBe('2,5')
  })

  it('names bytes in decimal units', () => {
    expect(plain(f.formatBytes(0, 'en'))).toBe('0 B')
    expect(plain(f.formatBytes(999, 'en'))).toBe('999 B')
    expect(plain(f.formatBytes(1_500_000, 'en'))).toBe('1.5 MB')
    expect(plain(f.formatBytes(183e6, 'es'))).toBe('183 MB')
    expect(plain(f.formatBytes(5e15, 'en'))).toBe('5,000 TB')
  })
})

describe('times', () => {
  it('uses at most two units', () => {
    expect(plain(f.formatDuration(850, 'en'))).toBe('850 ms')
    expect(plain(f.formatDuration(4_200, 'es'))).toBe('4,2 s')
    expect(plain(f.formatDuration(12_840, 'en'))).toBe('12 s')
    expect(plain(f.formatDuration(200_000, 'en'))).toBe('3 min 20 s')
    expect(plain(f.formatSeconds(2 * 86_400 + 4 * 3600 + 59, 'en'))).toBe('2 d 4 h')
    expect(plain(f.formatSeconds(3600, 'en'))).toBe('1 h')
  })

  it('uses one unit where there is room for one only', () => {
    expect([59, 61, 3_599, 7_300, 90_000].map((s) => plain(f.formatCoarse(s, 'en')))).toEqual([
      '59 s',
      '1 min',
      '59 min',
      '2 h',
      '1 d',
    ])
  })

  it('never runs backwards', () => {
    expect(plain(f.formatSeconds(-3, 'en'))).toBe('0 s')
  })

  it('names the zone in the exact form', () => {
    const exact = f.formatExact(Date.UTC(2026, 0, 12, 22, 4, 5, 678), 'en', 'UTC')
    expect(exact).toContain('22:04:05.678')
    expect(exact).toContain('UTC')
  })
})
