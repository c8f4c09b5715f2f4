/** For tests: longer answers of the engine of `fake-docker.ts`, as they stand on the wire. */
import { createHash } from 'node:crypto'
import type { Call, FakeContainer } from './fake-docker.ts'

export function frame(text: string): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(1, 0)
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

export function inspected({ body, status, code, oom, startedAt }: FakeContainer): unknown {
  const flags = { Running: status === 'running', Paused: false, Restarting: false, OOMKilled: oom }
  const times = {
    StartedAt: startedAt,
    FinishedAt: status === 'exited' ? new Date().toISOString() : '0001-01-01T00:00:00Z',
  }
  return { Config: { Labels: body.Labels ?? {} }, State: { Status: status, ExitCode: code, ...flags, ...times } }
}

/** Two samples, a second apart, of half a core. */
export function stats({ response }: Call): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  for (const second of [1, 2]) {
    const cpu_stats = { cpu_usage: { total_usage: second * 5e8 } }
    const memory_stats = { usage: 9_000_000, stats: { total_rss: 7_000_000 } }
    response.write(`${JSON.stringify({ read: `2026-01-01T00:00:0${second}.000000001Z`, cpu_stats, memory_stats })}\n`)
  }
}

export const imageIdOf = (ref: string): string => `sha256:${createHash('sha256').update(ref).digest('hex')}`
