/** Runs ours and the peer in turn, prints medians and ratios, and keeps the figures. No figure is ever a stored one. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'

export interface Figure {
  readonly value: number
  readonly unit: string
  /** Such as `>= 1` or `<= 150`; null where the figure is only told. */
  readonly goal: string | null
}

export interface Result {
  readonly rounds: number
  readonly figures: Readonly<Record<string, Figure>>
}

export const median = (values: readonly number[]): number => {
  if (values.length === 0) throw new Error('no values to take a median of')
  return percentile(values, 50)
}

/** Nearest rank over all values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]
  if (value === undefined) throw new Error('no values to take a percentile of')
  return value
}

/** Each entry once a round, in turn, so that a drift of the machine meets all alike. Returns the values per entry. */
export async function interleave<K extends string>(
  rounds: number,
  entries: Readonly<Record<K, () => Promise<number>>>,
): Promise<Record<K, number[]>> {
  const names = Object.keys(entries) as K[]
  const values = Object.fromEntries(names.map((n) => [n, [] as number[]])) as Record<K, number[]>
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      const value = await entries[name]()
      values[name].push(value)
      console.log(
        `  round ${round}/${rounds}  ${name.padEnd(24)} ${value.toLocaleString('en', { maximumFractionDigits: 2 })}`,
      )
    }
  }
  return values
}

const met = ({ value, goal }: Figure): string => {
  const parts = goal?.match(/^(<=|>=|==) ([\d.]+)$/)
  if (!parts) return ''
  const limit = Number(parts[2])
  const ok = parts[1] === '<=' ? value <= limit : parts[1] === '>=' ? value >= limit : value === limit
  return ok ? 'reached' : 'NOT reached'
}

/** Prints the table and writes `bench/results/NAME.json`. */
export function report(name: string, result: Result): void {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
  const folder = join(import.meta.dirname, '../results')
  mkdirSync(folder, { recursive: true })
  const kept = { name, machine, commit: git('rev-parse', 'HEAD'), rounds: result.rounds, figures: result.figures }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(kept, null, 2)}\n`)
  console.log(`\n${name}: ${result.rounds} rounds on ${machine}`)
  for (const [id, figure] of Object.entries(result.figures)) {
    const value = figure.value.toLocaleString('en', { maximumFractionDigits: 3 })
    console.log(
      `  ${id.padEnd(34)} ${value.padStart(12)} ${figure.unit.padEnd(8)} ${(figure.goal ?? '').padEnd(10)} ${met(figure)}`,
    )
  }
}
