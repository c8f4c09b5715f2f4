import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Reserve } from './reserve.ts'

let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'aviary-reserve-'))
  path = join(dir, 'reserved')
})
afterEach(() => rmSync(dir, { recursive: true }))

/** What the next process of the run believes, as if this one had been killed. */
function later(): number {
  const reserve = new Reserve(path, false)
  reserve.close()
  return reserve.from
}

describe('reserved seqs', () => {
  it('lie beyond every seq that was used, however fast', () => {
    const reserve = new Reserve(path, true)
    expect(reserve.from).toBe(0)
    for (let seq = 0; seq < 100_000; seq++) {
      reserve.use(seq)
      if (seq % 10_000 === 0) expect(later()).toBeGreaterThan(seq)
    }
    expect(later()).toBeLessThan(120_000)
    reserve.close()
  })

  it('are few where messages are', async () => {
    const reserve = new Reserve(path, true)
    for (let seq = 0; seq < 3; seq++) {
      await new Promise((resolve) => setTimeout(resolve, 110))
      reserve.use(seq)
      expect(later()).toBe(seq + 1)
    }
    reserve.close()
  })

  it('are none when nothing was sent before the process ended', () => {
    new Reserve(path, true).close()
    expect(later()).toBe(0)
  })

  it('are not known without the file, nor from before the machine came up', () => {
    expect(later()).toBe(Number.POSITIVE_INFINITY)
    const reserve = new Reserve(path, true)
    reserve.use(0)
    reserve.close()
    utimesSync(path, 1, 1)
    expect(later()).toBe(Number.POSITIVE_INFINITY)
  })
})
