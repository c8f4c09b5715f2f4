/** How a connector is. Its own RUNNING says little: with a wrong MQTT port it stays RUNNING while its task has FAILED. */
import type { Finding } from '#lib/engines/observer.ts'
import type { ConnectorSnapshot } from '#lib/pipeline/snapshot.ts'
import type { Connectors } from './schemas.ts'

export type ConnectorReport = Omit<ConnectorSnapshot, 'status' | 'behind'> & { readonly finding: Finding }

export function reports(connectors: Connectors): ConnectorReport[] {
  return Object.entries(connectors).map(([name, { status }]) => {
    const tasks = status.tasks.map(({ id, state, trace }) => ({ id, state, trace: trace ?? null }))
    return {
      name,
      type: status.type,
      state: status.connector.state,
      tasks,
      finding: judge(name, status.connector, tasks),
    }
  })
}

type Task = ConnectorSnapshot['tasks'][number]

/** The finding of one task. */
export function judgeTask({ id, state, trace }: Task): Finding {
  if (state === 'RUNNING') return { state: 'up', reason: null }
  if (state === 'FAILED') return { state: 'down', reason: `Task ${id} has failed: ${cause(trace)}` }
  if (state === 'UNASSIGNED' || state === 'RESTARTING')
    return { state: 'starting', reason: `Task ${id} is ${state.toLowerCase()}.` }
  return { state: 'degraded', reason: `Task ${id} is ${state.toLowerCase()}: nothing flows until it is resumed.` }
}

function judge(name: string, connector: { state: string; trace?: string }, tasks: readonly Task[]): Finding {
  if (connector.state === 'FAILED')
    return { state: 'down', reason: `Connector ${name} has failed: ${cause(connector.trace ?? null)}` }
  if (connector.state === 'PAUSED' || connector.state === 'STOPPED')
    return {
      state: 'degraded',
      reason: `Connector ${name} is ${connector.state.toLowerCase()}: nothing flows until it is resumed.`,
      held: true,
    }
  const found = tasks.map(judgeTask)
  const worst = found.find((f) => f.state === 'down') ?? found.find((f) => f.state !== 'up')
  if (worst) return worst
  if (tasks.length === 0) return { state: 'starting', reason: `Connector ${name} has no task yet.` }
  return connector.state === 'RUNNING'
    ? { state: 'up', reason: null }
    : { state: 'starting', reason: `Connector ${name} is ${connector.state.toLowerCase()}.` }
}

/** The innermost cause of a Java stack trace, in one line. */
export function cause(trace: string | null): string {
  const lines = (trace ?? '').split('\n').filter((line) => line !== '' && !/^\s+at |^\s*\.\.\. \d+ more/.test(line))
  const last = lines.findLast((line) => line.startsWith('Caused by: ')) ?? lines[0]
  return (last ?? 'no trace was given').replace('Caused by: ', '').slice(0, 300)
}
