import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunProgress } from '#lib/pipeline/run.ts'
import { beginning } from './beginning.ts'
import { RunFolder } from './folder.ts'
import { Keeper } from './keeper.ts'
import { Report } from './report.ts'

let folder: RunFolder
let told: RunProgress[]
let troubles: unknown[]
beforeEach(() => {
  folder = new RunFolder(mkdtempSync(join(tmpdir(), 'aviary-keeper-')))
  told = []
  troubles = []
})
afterEach(() => rmSync(folder.path, { recursive: true, force: true }))

/** Of a process that says nothing. */
function keeper(): Keeper {
  const program = join(folder.path, 'program.mjs')
  writeFileSync(program, 'setInterval(() => {}, 1_000)')
  return new Keeper({
    ...{ folder, program, codeCache: folder.path, onRestart: () => {}, known: () => beginning('r1', 1_000) },
    onProgress: (progress) => told.push(progress),
    onTrouble: (error) => troubles.push(error),
  })
}

describe('a keeper', () => {
  it('ends a run whose process never said anything', () => {
    keeper().fail('It died.')
    expect(told).toMatchObject([{ runId: 'r1', state: 'failed', reason: 'It died.', startedAt: 1_000 }])
    expect(folder.readProgress()).toEqual(told[0])
  })

  it('tells that a run has failed although that cannot be written', () => {
    const kept = keeper()
    rmSync(folder.path, { recursive: true })
    kept.fail('It died.')
    expect([told.length, troubles.length]).toEqual([1, 1])
  })

  it('tells once of progress that cannot be read, and goes on looking', async () => {
    const kept = keeper()
    writeFileSync(folder.file('progress.json'), '{"runId"')
    await kept.begin()
    await vi.waitUntil(() => troubles.length > 0, 20_000)
    // Some looks more.
    await new Promise((resolve) => setTimeout(resolve, 800))
    expect(troubles).toHaveLength(1)
    folder.writeProgress({ ...beginning('r1', 1_000), state: 'running' })
    await vi.waitUntil(() => told.at(-1)?.state === 'running', 20_000)
    await kept.leave()
  })
})

describe('a report', () => {
  it('that cannot be written is told once on stderr and made again', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const report = new Report({} as never, null)
    const gone = new RunFolder(join(folder.path, 'none'))
    for (let n = 0; n < 2; n++) {
      report.write(gone, () => beginning('r1', 1_000))
      await report.writing
    }
    expect(stderr).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('ENOENT'))
    stderr.mockRestore()
    report.write(folder, () => beginning('r1', 1_000))
    await report.writing
    expect(folder.readProgress()?.runId).toBe('r1')
  })
})
