/** Follows what happens to the project's containers, for as long as it is wanted, also across restarts of the engine. */
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { Logger } from 'pino'
import { z } from 'zod'
import { type Scope, serviceLabel } from './guard/scope.ts'
import { jsonLines } from './lines.ts'

const event = z.looseObject({
  Action: z.string(),
  Actor: z.looseObject({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
  timeNano: z.number().optional(),
})

export interface ContainerEvent {
  readonly action: 'start' | 'die'
  readonly container: string
  readonly service: string
  /** Of a `die`. */
  readonly code: number | null
}

export interface EventsOptions {
  readonly docker: Docker
  readonly scope: Scope
  readonly log: Logger
  readonly onEvent: (event: ContainerEvent) => void
  /** After each connection: what happened before it must be asked. */
  readonly onConnected: () => void
}

const firstPauseMs = 250
const longestPauseMs = 5_000

/** Resolves when the signal aborts; never rejects. */
export async function followEvents(options: EventsOptions, signal: AbortSignal): Promise<void> {
  let pauseMs = firstPauseMs
  while (!signal.aborted) {
    try {
      await connect(options, signal, () => {
        pauseMs = firstPauseMs
      })
    } catch (error) {
      if (signal.aborted) return
      options.log.warn({ err: error, pauseMs }, 'the events of the Docker engine cannot be followed')
    }
    await delay(pauseMs, undefined, { signal }).catch(() => {})
    pauseMs = Math.min(longestPauseMs, pauseMs * 2)
  }
}

async function connect(options: EventsOptions, signal: AbortSignal, onConnected: () => void): Promise<void> {
  const { docker, scope, onEvent } = options
  const filters = { label: [scope.label], type: ['container' as const], event: ['start', 'die'] }
  const wanted = { filters, abortSignal: signal }
  const stream: AsyncIterable<unknown> = await docker.getEvents(wanted)
  onConnected()
  options.onConnected()
  for await (const line of jsonLines(stream)) {
    const { Action, Actor } = event.parse(line)
    if (Action !== 'start' && Action !== 'die') continue
    const { [serviceLabel]: service = '', exitCode } = Actor.Attributes
    onEvent({ action: Action, container: Actor.ID, service, code: exitCode === undefined ? null : Number(exitCode) })
  }
}
