/** `status` and `ledger`: what is, and what was counted. */
import type { Command } from 'commander'
import type { Config } from '#lib/config.ts'
import type { Ledger } from '#lib/pipeline/ledger.ts'
import type { Overview, RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { stageIds } from '#lib/pipeline/stages.ts'
import { connect } from './client.ts'
import { age, count, decimal, megabytes, print, printJson, table } from './output.ts'

export function addReadingCommands(program: Command, config: () => Config): void {
  program
    .command('status')
    .description('the line, the services and the run under way')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const overview = await (await connect(config().homeDir)).status()
      if (json) printJson(overview)
      else print(statusText(overview, Date.now()))
    })
  program
    .command('ledger')
    .description("a run's messages counted at every stage")
    .argument('<run>', 'id of the run, or last')
    .option('--json', 'print JSON')
    .action(async (run: string, { json }: { json?: boolean }) => {
      const client = await connect(config().homeDir)
      const ledger = await client.get<Ledger>(`/api/runs/${encodeURIComponent(run)}/ledger`)
      if (json) printJson(ledger)
      else print(ledgerText(ledger))
    })
}

/** For people; `--json` has everything. */
export function statusText({ stack, stages, run }: Overview, now: number): string {
  const stageRows = stages.map((s) => [
    s.id,
    s.status.state,
    count(s.count),
    decimal(s.rate, '/s'),
    // Before the first one nothing can wait.
    s.id === stageIds[0] ? '' : count(s.backlog),
    s.lastMessageAt === null ? '' : `${age(now - s.lastMessageAt)} ago`,
    s.status.reason ?? '',
  ])
  const serviceRows = stack.services.map((s) => [
    s.id,
    s.phase,
    s.handle ?? (s.address === null ? '' : 'external'),
    s.cpuPercent === null ? '' : `${s.cpuPercent.toFixed(0)} %`,
    megabytes(s.rssBytes),
    s.waitsFor === null ? (s.status.reason ?? s.address ?? '') : `waits for ${s.waitsFor}`,
  ])
  const what = stack.phase === 'away' ? 'The engine of the stack is away' : `The stack is ${stack.phase}`
  return [
    stack.reason === null ? what : `${what}: ${stack.reason}`,
    table(['STAGE', 'STATE', '>COUNT', '>RATE', '>BACKLOG', '>LAST', ''], stageRows),
    table(['SERVICE', 'PHASE', '>PID', '>CPU', '>MEMORY', ''], serviceRows),
    runText(run),
  ].join('\n\n')
}

function runText(run: RunSnapshot | null): string {
  if (run === null) return 'Nothing has been replayed yet'
  const { state, sent, total, reason } = run.progress
  const of = total === null ? '' : ` of ${count(total)}`
  return `Run ${run.id} is ${state}: sent ${count(sent)}${of}${reason === null ? '' : `; ${reason}`}`
}

export function ledgerText(ledger: Ledger): string {
  const { p50, p95, p99 } = ledger.latencyMs
  const rows = (
    [
      ['read', ledger.read],
      ['rejected', ledger.rejected],
      ['sent', ledger.sent],
      ['acknowledged', ledger.acked],
      ['in Kafka', ledger.kafka],
      ['in Kafka, distinct', ledger.kafkaDistinct],
      ['dead letters', ledger.deadLetters],
      ['in Druid', ledger.druid],
      ['in Druid, distinct', ledger.druidDistinct],
      ['lost', ledger.lost],
      ['duplicates', ledger.duplicates],
      ['late', ledger.late],
    ] as const
  ).map(([name, value]) => [name, count(value)])
  const latency = `Replay to Druid: median ${decimal(p50, 'ms')}, 95 % ${decimal(p95, 'ms')}, 99 % ${decimal(p99, 'ms')}`
  return `Run ${ledger.runId} is ${ledger.state}\n\n${table(['MESSAGES', '>COUNT'], rows)}\n\n${latency}`
}
