import { expect, it } from 'vitest'
import { Appearance } from './appearance.ts'

const row = (sentAt: number) => ({ sentAt, recordedAt: sentAt + 10 })

it('samples a row that was not there when Druid was asked before', () => {
  const appearance = new Appearance()
  appearance.see({ sentAt: null, recordedAt: null }, 1_000)
  appearance.see(row(1_000), 1_100)
  appearance.see(row(1_000), 9_000)
  expect(appearance.visible.percentiles().p50).toBeCloseTo(100, -1)
  expect(appearance.ingest.percentiles().p50).toBeCloseTo(90, -1)
})

it('samples nothing of what was there at first, or came while Druid could not be asked', () => {
  const appearance = new Appearance()
  appearance.see(row(1_000), 3_600_000)
  expect(appearance.visible.percentiles().p50).toBeNull()
  appearance.miss()
  appearance.see(row(2_000), 3_700_000)
  expect(appearance.visible.percentiles().p50).toBeNull()
  appearance.see(row(3_800_000), 3_800_100)
  expect(appearance.visible.percentiles().p50).toBeCloseTo(100, -1)
})
