/** mbti_labels.csv: a personality type for each user, checked against its number; of two with the same id the first counts. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { mbtiTypes } from '#lib/pipeline/personality.ts'
import { personalityId } from '#lib/sample/index.ts'
import type { Read, Sink } from './reading.ts'
import { FileRefusal } from './refusal.ts'
import { idOf } from './scalar.ts'

const columns = ['id', 'mbti_personality', 'pers_id'] as const
type Places = Readonly<Record<(typeof columns)[number], number>>

/** No honest line comes near; a quote that is never closed must not take in the whole file. */
const longestLine = 64 * 1024

interface Label {
  readonly id: string
  readonly type: (typeof mbtiTypes)[number]
  readonly number: number
}

interface Line {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/** Spaces around values (the real file has one before most `pers_id`), BOM, CRLF and quotes are no part of them. */
const options = {
  ...{ bom: true, trim: true, relax_quotes: true, relax_column_count: true, skip_empty_lines: true, info: true },
  max_record_size: longestLine,
}

export const readLabels: Read = async (chunks, sink) => {
  async function* copies() {
    // The stream reads ahead, and a chunk holds only until the next one.
    for await (const chunk of chunks) yield Buffer.from(chunk)
  }
  let rows: Rows | null = null
  const take = async (lines: AsyncIterable<Line>) => {
    for await (const { record, info } of lines) {
      if (rows === null) rows = new Rows(placesOf(record), record.length, sink)
      else rows.take(record, info.lines)
    }
  }
  try {
    await pipeline(Readable.from(copies()), parse(options), take)
  } catch (error) {
    throw error instanceof CsvError ? refusal(error) : error
  }
}

function refusal(error: CsvError): FileRefusal {
  const line = typeof error.lines === 'number' ? `line ${error.lines}: ` : ''
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return new FileRefusal(`${line}the file ends inside quotes: it is cut off, or a closing quote is missing`)
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return new FileRefusal(`${line}it is longer than ${longestLine} characters: a closing quote is missing`)
  return new FileRefusal(`${line}${error.message}`, { cause: error })
}

function placesOf(header: readonly string[]): Places {
  const names = header.map((name) => name.toLowerCase())
  const missing = columns.filter((column) => !names.includes(column))
  if (missing.length > 0)
    throw new FileRefusal(
      `the column ${missing.join(', ')} is missing; expected ${columns.join(',')} in the first line, found ${header.join(',').slice(0, 80)}`,
    )
  return Object.fromEntries(columns.map((column) => [column, names.indexOf(column)])) as Places
}

class Rows {
  readonly #places: Places
  readonly #width: number
  readonly #sink: Sink
  readonly #seen = new Set<string>()
  #element = -1

  constructor(places: Places, width: number, sink: Sink) {
    this.#places = places
    this.#width = width
    this.#sink = sink
  }

  take(record: readonly string[], line: number): void {
    this.#element++
    const { tally, row } = this.#sink
    const label = this.#judge(record)
    if ('reason' in label) tally.reject({ line, column: null, element: this.#element }, label.reason, label.found)
    else {
      this.#seen.add(label.id)
      tally.load(label.id)
      row([label.id, label.type, label.number])
    }
  }

  #judge(record: readonly string[]): Label | { reason: string; found: string } {
    if (record.length !== this.#width)
      return { reason: 'it has more or fewer columns than the first line', found: String(record.length) }
    const cell = (column: (typeof columns)[number]) => (record[this.#places[column]] ?? '').trim()
    const id = idOf({ kind: 'string', text: cell('id') })
    if (id === null) return { reason: 'the id is not a whole number', found: cell('id') }
    const type = mbtiTypes.find((known) => known === cell('mbti_personality').toLowerCase())
    if (type === undefined) return { reason: 'the type is none of the sixteen', found: cell('mbti_personality') }
    const number = personalityId(type)
    if (cell('pers_id') !== String(number))
      return { reason: 'the type and "pers_id" contradict each other', found: `${type}, ${cell('pers_id')}` }
    if (this.#seen.has(id)) return { reason: 'the id has come before', found: id }
    return { id, type, number }
  }
}
