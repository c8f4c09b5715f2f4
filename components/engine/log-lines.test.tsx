import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addPiece, keptLines, noLines } from './log-lines.ts'

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
  })
})
