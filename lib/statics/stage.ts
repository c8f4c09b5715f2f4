/**
 * Writes rows as the text that Hive's LazySimpleSerDe reads back exactly: a line a row, tabs between cells, backslash
 * before what would be misread. Proven against Hive in `statics.itest.ts`.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cell } from './reading.ts'

/** Goes with the files of `StageFile`: how an external table over their folder reads them. */
export const stagedFormat =
  `ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' WITH SERDEPROPERTIES (` +
  `'field.delim'='\\t', 'escape.delim'='\\\\', 'serialization.escape.crlf'='true', 'serialization.null.format'='\\\\N'` +
  `) STORED AS TEXTFILE`

const misread = /[\\\t\n\r]/
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\\t', '\n': '\\n', '\r': '\\r' }

function written(cell: Cell): string {
  if (cell === null) return '\\N'
  const text = String(cell)
  return misread.test(text) ? text.replace(/[\\\t\n\r]/g, (found) => escapes[found] as string) : text
}

const flushChars = 256 * 1024

export class StageFile {
  readonly #file: FileHandle
  #pending = ''

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** In a folder of its own, which is made. */
  static async create(dir: string): Promise<StageFile> {
    await mkdir(dir, { recursive: true })
    return new StageFile(await open(join(dir, 'rows'), 'w'))
  }

  row(cells: readonly Cell[]): void {
    this.#pending += `${cells.map(written).join('\t')}\n`
  }

  /** Called between rows often enough: what was not written yet is in memory. */
  async flush(): Promise<void> {
    if (this.#pending.length >= flushChars) await this.#write()
  }

  async finish(): Promise<void> {
    try {
      if (this.#pending !== '') await this.#write()
    } finally {
      await this.#file.close()
    }
  }

  async #write(): Promise<void> {
    const text = this.#pending
    this.#pending = ''
    await this.#file.writeFile(text)
  }
}
