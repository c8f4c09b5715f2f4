import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addPiece, keptLines, lineCount, matchingLines, noLines, piecesOf } from './log-lines.ts'

describe('log lines', () => {
  it('are the same however the text is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 5 }).map((s) => s.replaceAll('\n', ' '))),
        fc.integer({ min: 1, max: 7 }),
        (lines, size) => {
          const text = lines.map((line) => `${line}\n`).join('')
          let log = noLines
          for (let i = 0; i < text.length; i += size) log = addPiece(log, text.slice(i, i + size))
          expect(log).toEqual({ lines, rest: '', dropped: 0 })
        },
      ),
    )
  })

  it('are bounded, and say how many went', () => {
    const log = addPiece(noLines, 'x\n'.repeat(keptLines + 3))
    expect(log.lines).toHaveLength(keptLines)
    expect(log.dropped).toBe(3)
    expect(lineCount(log)).toBe(keptLines + 3)
  })
})

describe('searching a log', () => {
  it('finds lines by plain text, whatever its case, and counts from the first line that ever came', () => {
    const log = addPiece({ ...noLines, dropped: 10 }, 'a.b\nAXB\nA.B and a.b\n\n')
    expect(matchingLines(log, 'a.b')).toEqual([10, 12])
    expect(matchingLines(log, '')).toEqual([])
    expect(matchingLines(log, 'İ')).toEqual([])
  })

  it('cuts a line without losing a letter of it, and every hit is the text', () => {
    expect(piecesOf('xAyaz', 'a').map(({ text, hit }) => [text, hit])).toEqual([
      ['x', false],
      ['A', true],
      ['y', false],
      ['a', true],
      ['z', false],
    ])
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.string({ maxLength: 3 }), (line, text) => {
        const pieces = piecesOf(line, text)
        expect(pieces.map((piece) => piece.text).join('')).toBe(line)
        for (const { text: part, hit } of pieces) if (hit) expect(part.toLowerCase()).toBe(text.toLowerCase())
      }),
    )
  })
})
