/** Which files of a folder become which tables. */
import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type StaticFolder, type StaticTable, staticTables } from '#lib/pipeline/statics.ts'
import { readProvenance } from '#lib/sample/index.ts'
import { type Folders, isInside, openFolders, realFolders, sampleDir } from '#lib/tweet-files.ts'
import { definitions } from './tables.ts'

export interface StaticFile {
  /** Absolute. */
  readonly path: string
  readonly name: string
  readonly bytes: number
  /** Written by `aviary sample` and not changed since: the people in it do not exist. */
  readonly synthetic: boolean
}

async function fileOf(dir: string, table: StaticTable, within: readonly string[] | null) {
  for (const name of definitions[table].files.flatMap((file) => [file, `${file}.gz`])) {
    const path = await realpath(join(dir, name)).catch(() => null)
    const found = path === null ? null : await stat(path).catch(() => null)
    // A link may lead elsewhere within the folders, but not out of them.
    if (path !== null && found?.isFile() && (within === null || within.some((folder) => isInside(folder, path))))
      return { path, name, bytes: found.size }
  }
  return null
}

/** Null where the table has no file there. `within`: the folders that files must really lie in; null for any. */
export async function findFile(
  dir: string,
  table: StaticTable,
  within: readonly string[] | null,
): Promise<StaticFile | null> {
  const file = await fileOf(dir, table, within)
  if (file === null) return null
  const sample = await readProvenance(dir)
  return { ...file, synthetic: sample?.files[file.name]?.bytes === file.bytes }
}

/** Those of the sample's and the configured folders that hold at least one static file. */
export async function listFolders(config: Folders): Promise<StaticFolder[]> {
  const within = await realFolders(config)
  const listed = await Promise.all(
    openFolders(config).map(async (dir) => {
      const files = await Promise.all(staticTables.map((table) => fileOf(dir, table, within)))
      return files.some((file) => file !== null) ? [{ dir, sample: dir === sampleDir(config) }] : []
    }),
  )
  return listed.flat()
}
