/** One statement in one session: started, waited for, its rows fetched in pages. */
import { setTimeout as delay } from 'node:timers/promises'
import type { SqlTable, SqlValue } from '#lib/pipeline/sql.ts'
import { refused } from './faults.ts'
import { columnNames, rowsOf } from './rows.ts'
import type { HiveSession, Operation } from './wire.ts'

const pageRows = 1_000
/** Hive itself answers late while it works. */
const betweenLooksMs = 20
const closeMs = 5_000

/** `TOperationState` of HiveServer2. */
const finished = 2
const failures: readonly unknown[] = [3, 4, 5, 8]

/**
 * Runs the statement and hands over what came of it: no more than `limit` rows, none at all with 0. When `signal` aborts, Hive is told
 * to stop and the session ends. Throws what the session throws, and EngineError when Hive says no.
 */
export async function run(
  session: HiveSession,
  statement: string,
  limit: number,
  signal: AbortSignal,
): Promise<SqlTable> {
  const starting = session.ask((s) => s.executeStatement(statement, { runAsync: true }), signal)
  let operation: Operation | null = null
  try {
    operation = await starting
    await whenFinished(session, operation, signal)
    const table = limit > 0 ? await fetchRows(session, operation, limit, signal) : { columns: [], rows: [] }
    await close(session, operation)
    return table
  } catch (error) {
    if (signal.aborted) void session.leave(operation)
    else if (operation !== null) await close(session, operation)
    throw error
  }
}

async function whenFinished(session: HiveSession, operation: Operation, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { operationState, errorMessage } = await session.ask(() => operation.status(false), signal)
    if (operationState === finished) return
    if (failures.includes(operationState)) throw refused(errorMessage ?? 'it ended without a reason')
    await delay(betweenLooksMs, undefined, { signal })
  }
}

async function fetchRows(
  session: HiveSession,
  operation: Operation,
  limit: number,
  signal: AbortSignal,
): Promise<SqlTable> {
  const rows: SqlValue[][] = []
  do {
    operation.setMaxRows(Math.min(pageRows, limit - rows.length))
    await session.ask(() => operation.fetch(), signal)
    rows.push(...rowsOf(operation.getData()))
    operation.flush()
  } while (operation.hasMoreRows() && rows.length < limit)
  const schema = operation.getSchema()
  // DDL and the like have no rows to show.
  return { columns: schema === null ? [] : columnNames(schema), rows }
}

/** Frees what Hive keeps for it. A session in which that fails will not be asked again. */
async function close(session: HiveSession, operation: Operation): Promise<void> {
  await session.ask(() => operation.close(), AbortSignal.timeout(closeMs)).catch(() => session.end())
}
