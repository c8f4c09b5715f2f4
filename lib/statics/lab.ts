/** For the tests on real engines: a sample on disk, and static data of one's own beside the console's. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { ensureArtifact } from '#lib/artifacts/index.ts'
import { type Config, loadConfig } from '#lib/config.ts'
import { type Engines, engines } from '#lib/engines/registry.ts'
import type { SqlTable } from '#lib/pipeline/sql.ts'
import { buildSample } from '#lib/sample/index.ts'
import { createRuntime, siteOf } from '#lib/stack/choice.ts'
import { StaticData } from './index.ts'
import { type PlainFiles, readPlain } from './plain.ts'

export const patience = () => AbortSignal.timeout(120_000)

export interface Lab {
  readonly config: Config
  readonly engines: Engines
  /** Folder of a sample of 420 users, and what stands in it. */
  readonly sample: string
  readonly plain: PlainFiles
  readonly statics: StaticData
  newStatics(): StaticData
  /** Makes a folder of these files. */
  files(name: string, contents: Readonly<Record<string, string>>): Promise<string>
  /** Rows that Hive answers. */
  rows(query: string): Promise<SqlTable['rows']>
  close(): Promise<void>
}

/** `home` and `portOffset` of a stack that runs. */
export async function openLab(home: string, portOffset: number): Promise<Lab> {
  const config = loadConfig({ ...process.env, AVIARY_HOME: home, AVIARY_PORT_OFFSET: String(portOffset) })
  const all = engines(siteOf(config))
  const runtime = await createRuntime(config, pino({ enabled: false }))
  const lend = (folder: string, signal: AbortSignal) => runtime.lend('hive', folder, signal)
  const newStatics = () =>
    new StaticData({ config, hive: all.hive, druid: all.druid, lend, log: pino({ enabled: false }) })
  const statics = newStatics()
  const dir = await mkdtemp(join(tmpdir(), 'aviary-statics-'))
  const sample = join(dir, 'sample')
  const textDir = await ensureArtifact('tweets-text', { cacheDir: config.cacheDir })
  await buildSample({ textDir, outDir: sample, users: 420 })
  await Promise.all([all.hive.provision(patience()), all.druid.provision(patience())])
  return {
    ...{ config, engines: all, sample, plain: await readPlain(sample), statics, newStatics },
    files: async (name, contents) => {
      const folder = join(dir, name)
      await mkdir(folder, { recursive: true })
      for (const [file, text] of Object.entries(contents)) await writeFile(join(folder, file), text)
      return folder
    },
    rows: async (query) => (await all.hive.sql(query, { signal: patience(), limit: 100_000 })).rows,
    close: async () => {
      await statics.close()
      await Promise.all([runtime, ...Object.values(all)].map((part) => part.close()))
      await rm(dir, { recursive: true, force: true })
    },
  }
}
