/** `logs`, `stop`, `restart` and `scale`: one service, beside the others. */
import { once } from 'node:events'
import { type Command, Option } from 'commander'
import type { Config } from '#lib/config.ts'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { type ServiceId, serviceIds } from '#lib/pipeline/stages.ts'
import { LineSplitter } from '#lib/runtime/lines.ts'
import { type Client, connect } from './client.ts'
import { CliError, exitCodes, tell } from './output.ts'
import { moment, wholeNumber } from './values.ts'
import { followStack } from './watch.ts'

export function addServiceCommands(program: Command, config: () => Config): void {
  const names = serviceIds.join(', ')
  program
    .command('stop')
    .description('stop one service; what depends on it goes on without')
    .argument('<service>', names)
    .action((service: string) => stop(config(), serviceId(service)))
  program
    .command('restart')
    .description('stop one service and start it again')
    .argument('<service>', names)
    .action((service: string) => restart(config(), serviceId(service)))
  program
    .command('scale')
    .description('how many of a service run beside each other; in a swarm only')
    .argument('<service>', names)
    .argument('<replicas>', 'from 1 on', wholeNumber)
    .action((service: string, replicas: number) => scale(config(), serviceId(service), replicas))
  program
    .command('logs')
    .description('what a service has written')
    .argument('<service>', names)
    .option('-f, --follow', 'go on until Ctrl-C')
    .addOption(new Option('--since <time>', 'a time, or how long ago: 90s, 10m, 2h, 1d').argParser(moment))
    .addOption(new Option('--tail <n>', 'last lines to begin with; 200, with --since all').argParser(wholeNumber))
    .option('--json', 'print a JSON object a line: {service, line}')
    .action((service: string, options: LogsOptions) => logs(config(), serviceId(service), options))
}

/** Throws for a name that is none. */
export function serviceId(name: string): ServiceId {
  const id = serviceIds.find((s) => s === name)
  if (id !== undefined) return id
  throw new CliError(exitCodes.usage, `There is no service ${name}`, `Known: ${serviceIds.join(', ')}`)
}

/** undefined where this stack does not run it: the console then tells why nothing can be done with it. */
const find = async (client: Client, id: ServiceId): Promise<ServiceSnapshot | undefined> =>
  (await client.status()).stack.services.find((s) => s.id === id)

/** Named before it is done; nothing is asked, because a command is given on purpose. */
function tellDependents(service: ServiceSnapshot | undefined): void {
  if (service === undefined) return
  const { id, dependents } = service
  const verb = dependents.length === 1 ? 'depends' : 'depend'
  if (dependents.length > 0) tell(`${dependents.join(', ')} ${verb} on ${id} and cannot work without it`)
}

async function stop(config: Config, id: ServiceId): Promise<void> {
  const client = await connect(config.homeDir)
  tellDependents(await find(client, id))
  await client.post(`/api/services/${id}/stop`)
  await until(client, id, 'stopped', () => true)
}

async function restart(config: Config, id: ServiceId): Promise<void> {
  const client = await connect(config.homeDir)
  const before = await find(client, id)
  tellDependents(before)
  await client.post(`/api/services/${id}/restart`)
  await until(client, id, 'ready', ({ startedAt }) => startedAt !== before?.startedAt)
}

async function scale(config: Config, id: ServiceId, replicas: number): Promise<void> {
  const client = await connect(config.homeDir)
  await client.post(`/api/services/${id}/replicas`, { replicas })
  await until(client, id, 'ready', (service) => service.replicas?.running === replicas)
}

/** Tells how it goes until the service is so and `holds`; a failure is an end too. */
async function until(
  client: Client,
  id: ServiceId,
  phase: 'stopped' | 'ready',
  holds: (service: ServiceSnapshot) => boolean,
): Promise<void> {
  // A restart of one that has failed begins with a failed one.
  let begun = false
  const mine = async () => {
    const overview = await client.status()
    return { ...overview, stack: { ...overview.stack, services: overview.stack.services.filter((s) => s.id === id) } }
  }
  const { services } = await followStack(mine, ({ phase: ofAll, services: [service] }) => {
    if (service === undefined || (service.phase === phase && holds(service))) return true
    begun ||= service.phase !== 'failed'
    return begun && (service.phase === 'failed' || (service.phase === 'stopped' && ofAll === 'failed'))
  })
  if (services[0]?.phase === phase) return
  throw new CliError(exitCodes.failed, `${id} is not ${phase}: ${services[0]?.status.reason ?? 'it is not known'}`)
}

interface LogsOptions {
  readonly follow?: boolean
  readonly since?: number
  readonly tail?: number
  readonly json?: boolean
}

async function logs(config: Config, service: ServiceId, { follow, since, tail, json }: LogsOptions): Promise<void> {
  const client = await connect(config.homeDir)
  const asked = { tail, since, follow: follow ? 1 : undefined }
  const query = new URLSearchParams(
    Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  // The reader of a pipe may leave first, as `head` does.
  process.stdout.once('error', () => stop.abort())
  try {
    const text = await client.stream(`/api/services/${service}/logs?${query}`, stop.signal)
    for await (const part of json ? asJson(service, text) : text) {
      if (!process.stdout.write(part)) await once(process.stdout, 'drain', { signal: stop.signal })
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
  }
}

async function* asJson(service: string, text: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const splitter = new LineSplitter()
  const toJson = (line: string) => `${JSON.stringify({ service, line })}\n`
  for await (const chunk of text) yield* splitter.push(chunk).map(toJson)
  yield* splitter.end().map(toJson)
}
