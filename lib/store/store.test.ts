import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { migrationsDir, openStore, type Store } from './index.ts'
import { migrate } from './migrate.ts'

let dir: string
let store: Store

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-store-'))
  store = await openStore(join(dir, 'aviary.db'))
})
afterEach(async () => {
  await store.close()
  await rm(dir, { recursive: true })
})

const query = async (sql: string): Promise<unknown[][]> => {
  const db = await new PrismaLibSql({ url: `file:${join(dir, 'aviary.db')}` }).connect()
  try {
    return (await db.queryRaw({ sql, args: [], argTypes: [] })).rows
  } finally {
    await db.dispose()
  }
}

const run: RunSnapshot = {
  id: 'r1',
  createdAt: 1_000,
  options: {
    file: '/data/tweets.json',
    mode: 'sequential',
    schedule: { kind: 'max' },
    seed: 1,
    limit: null,
    loop: false,
  },
  progress: {
    runId: 'r1',
    state: 'running',
    read: 5,
    rejected: 0,
    rejects: [],
    sent: 5,
    resent: 0,
    acked: 4,
    refused: 0,
    committed: 3,
    rate: 2.5,
    total: 10,
    bytesRead: 500,
    bytesTotal: 1000,
    reason: null,
    startedAt: 1_000,
    updatedAt: 2_000,
    endedAt: null,
  },
  ledger: null,
}

const nothing = { p50: null, p95: null, p99: null }
const ledger = {
  runId: 'r1',
  state: 'finished' as const,
  read: 5,
  rejected: 0,
  sent: 5,
  acked: 5,
  kafka: 5,
  kafkaDistinct: 5,
  deadLetters: 0,
  druid: null,
  druidDistinct: null,
  druidDistinctAt: null,
  lost: null,
  duplicates: null,
  late: 0,
  latencyMs: nothing,
  hops: { mqtt: nothing, connect: nothing, druid: nothing },
  countedAt: 3_000,
}

describe('migrations', () => {
  it('are applied once, in the tables of prisma migrate', async () => {
    const db = await new PrismaLibSql({ url: `file:${join(dir, 'aviary.db')}` }).connect()
    expect(await migrate(db, migrationsDir)).toEqual([])
    await db.dispose()
    const rows = await query('SELECT migration_name, length(checksum), applied_steps_count FROM _prisma_migrations')
    expect(rows).toEqual([['20260101000000_init', 64, 1]])
  })

  it('refuse a database of a newer version', async () => {
    await query("UPDATE _prisma_migrations SET migration_name = '29990101000000_future'")
    await expect(openStore(join(dir, 'aviary.db'))).rejects.toThrow('29990101000000_future')
  })

  it('refuse a migration that was edited afterwards', async () => {
    await query("UPDATE _prisma_migrations SET checksum = 'other'")
    await expect(openStore(join(dir, 'aviary.db'))).rejects.toThrow('was changed')
  })

  it('keep the file in WAL', async () => {
    expect(await query('PRAGMA journal_mode')).toEqual([['wal']])
  })
})

describe('runs', () => {
  it('come back as they were saved, newest first', async () => {
    await store.runs.save(run)
    await store.runs.save({ ...run, id: 'r2', createdAt: 2_000, progress: { ...run.progress, runId: 'r2' } })
    const listed = await store.runs.list()
    expect(listed.map((r) => r.id)).toEqual(['r2', 'r1'])
    expect(listed[1]).toEqual(run)
  })

  it('keep their ledger when progress is saved again', async () => {
    await store.runs.save(run)
    await store.runs.saveLedger(ledger)
    await store.runs.save({ ...run, progress: { ...run.progress, state: 'finished' } })
    const [saved] = await store.runs.list()
    expect(saved?.ledger).toEqual(ledger)
    expect(saved?.progress.state).toBe('finished')
  })
})

describe('a stored run that cannot be read', () => {
  it.each(["progress = '{}'", "options = 'no JSON'"])('is left out: %s', async (damage) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    await store.runs.save(run)
    await store.runs.save({ ...run, id: 'r2' })
    await query(`UPDATE runs SET ${damage} WHERE id = 'r1'`)
    expect((await store.runs.list()).map((r) => r.id)).toEqual(['r2'])
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('r1'))
    warned.mockRestore()
  })

  it('only by its ledger goes on without one', async () => {
    await store.runs.save(run)
    await query("UPDATE runs SET ledger = '{}'")
    expect(await store.runs.list()).toEqual([run])
  })
})

describe('links', () => {
  it('are redeemed by exactly one of many at once', async () => {
    const now = new Date()
    await store.links.create({
      id: 'l',
      tokenHash: 'h',
      role: 'admin',
      createdAt: now,
      expiresAt: new Date(now.getTime() + 1000),
    })
    const won = await Promise.all(Array.from({ length: 8 }, () => store.links.redeem('h', now)))
    expect(won.filter((l) => l !== null)).toHaveLength(1)
  })
})

describe('audit', () => {
  it('lists newest first and pages by id', async () => {
    for (const act of ['a', 'b', 'c']) {
      await store.audit.write({ at: new Date(), who: 'cli', role: 'admin', act, subject: null, outcome: 'done' })
    }
    const [newest, ...rest] = await store.audit.list(2)
    expect([newest?.act, ...rest.map((e) => e.act)]).toEqual(['c', 'b'])
    expect((await store.audit.list(2, rest[0]?.id)).map((e) => e.act)).toEqual(['a'])
  })
})
