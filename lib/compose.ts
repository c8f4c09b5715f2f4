/** Composition root: builds the console's parts in the order of their needs and connects them. */
import { join } from 'node:path'
import { pino } from 'pino'
import { Auth } from '#lib/auth/index.ts'
import { ensureCliKey } from '#lib/auth/tokens.ts'
import type { Config } from '#lib/config.ts'
import type { Console } from '#lib/console.ts'
import { engines as createEngines, externalServices, serviceDefinitions } from '#lib/engines/registry.ts'
import { LedgerKeeper } from '#lib/ledger/index.ts'
import { Hub } from '#lib/live/hub.ts'
import { TapFeed } from '#lib/messages/feed.ts'
import { Monitor } from '#lib/monitor/index.ts'
import { Personality } from '#lib/personality/index.ts'
import { endedStates } from '#lib/pipeline/run.ts'
import { type RuntimeKind, topics } from '#lib/pipeline/stages.ts'
import { Problem } from '#lib/problem.ts'
import { Queries } from '#lib/query/index.ts'
import { Replays } from '#lib/replay/index.ts'
import { changeSettings } from '#lib/settings.ts'
import { chooseRuntime, createRuntime, siteOf } from '#lib/stack/choice.ts'
import { Stack } from '#lib/stack/index.ts'
import { StaticData } from '#lib/statics/index.ts'
import { openStore } from '#lib/store/index.ts'

const replayEndMs = 15_000

const restartAfterMs = 200

type Parts = Omit<Console, 'startAll' | 'stopAll' | 'chooseRuntime' | 'close'>

/** Finds services and replays that outlived an earlier console. The caller holds the home; `restart` ends this console and begins a new one. */
export async function composeConsole(config: Config, restart: () => void): Promise<Console> {
  const parts = await makeParts(config)
  const { stack, replays } = parts
  await goOn(parts)
  let { phase } = stack.snapshot()
  stack.onChange((now) => {
    // Whatever has made it whole again: a button, several of them, or an engine that came back.
    if (now.phase === 'ready' && phase !== 'ready') void replays.goOn()
    phase = now.phase
  })
  return {
    ...parts,
    startAll: async (options) => {
      await stack.up(options)
      await replays.goOn()
    },
    stopAll: async (options) => {
      // Without its messages in Kafka a run could not go on.
      await (options.purge ? endReplays(replays) : replays.suspend())
      await stack.down(options)
    },
    chooseRuntime: async (kind) => {
      await changeRuntime(parts, kind)
      // The answer to whoever asked goes out first.
      setTimeout(restart, restartAfterMs)
    },
    close: () => close(parts),
  }
}

async function makeParts(config: Config): Promise<Parts> {
  const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime })
  const cliKey = await ensureCliKey(config.homeDir)
  const store = await openStore(join(config.homeDir, 'aviary.db'))
  const auth = new Auth({ store, cliKey, port: config.ports.console, hostNames: [config.host] })
  const choice = await chooseRuntime(config, log)
  log.info({ runtime: choice.kind, why: choice.why, detail: choice.detail }, 'what runs the services')
  const site = siteOf(config, choice.kind)
  const runtime = await createRuntime(config, log, choice.kind)
  const engines = createEngines(site, log)
  const { mosquitto, kafka, druid, hive } = engines
  const services = serviceDefinitions(site)
  const stack = new Stack({ config, runtime, choice, services, externals: externalServices(site), engines, log })
  const replays = new Replays({ config, reach: site.reach, repository: store.runs, log })
  const ledger = new LedgerKeeper({ kafka, druid, log })
  const statics = new StaticData({
    config,
    hive,
    druid,
    lend: (folder, signal) => runtime.lend('hive', folder, signal),
    log,
  })
  const loadedAt = () => Math.max(0, ...(statics.snapshot().tables ?? []).map((table) => table.loadedAt))
  const personality = new Personality({ hive, druid, loadedAt })
  const queries = new Queries({ hive, druid })
  const monitor = new Monitor({ config, engines, stack, replays, ledger, statics, log })
  const feeds = {
    mosquitto: new TapFeed({ source: 'mosquitto', topic: topics.tweets, open: (r) => mosquitto.tap(r) }),
    kafka: new TapFeed({ source: 'kafka', topic: topics.tweets, open: (r) => kafka.tap(r) }),
  }
  const base = { config, log, store, auth, runtime, engines, stack, replays, ledger }
  return { ...base, statics, personality, queries, monitor, hub: new Hub(monitor), feeds }
}

async function changeRuntime({ config, stack }: Parts, kind: RuntimeKind): Promise<void> {
  const { phase, services } = stack.snapshot()
  if (config.runtime?.why === 'environment')
    throw new Problem(409, 'AVIARY_RUNTIME says what runs the services', { hint: 'Start the console without it.' })
  if (phase !== 'stopped' && services.some((service) => service.phase !== 'stopped'))
    throw new Problem(409, 'Services run', {
      hint: 'Stop the stack first: what one runtime keeps, another does not see.',
    })
  changeSettings(config.homeDir, { runtime: kind })
}

/** Connects the parts, and takes over what an earlier console has left running. */
async function goOn({ log, store, stack, replays, ledger, statics, monitor }: Parts): Promise<void> {
  replays.onChange((run) => ledger.track(run))
  ledger.onChange((counted) => {
    replays.noteLedger(counted)
    store.runs.saveLedger(counted).catch((error: unknown) => log.error({ err: error }, 'a ledger could not be saved'))
  })
  await Promise.all([stack.adopt(), replays.adopt()])
  if (!['stopped', 'stopping'].includes(stack.snapshot().phase)) await replays.goOn()
  for (const run of replays.list()) ledger.track(run)
  monitor.start()
  statics.watch()
}

/** In the reverse order of the needs. */
async function close(parts: Parts): Promise<void> {
  const { hub, monitor, feeds, ledger, statics, replays, stack, auth, engines, runtime, store } = parts
  hub.close()
  monitor.close()
  await Promise.all([feeds.mosquitto.close(), feeds.kafka.close()])
  await Promise.all([ledger.close(), statics.close()])
  replays.close()
  await stack.close()
  auth.close()
  await Promise.all(Object.values(engines).map((engine) => engine.close()))
  await runtime.close()
  await store.close()
}

/** A replay needs the line to end well: it waits for what it has sent to be confirmed, for ten seconds at most. */
async function endReplays(replays: Replays): Promise<void> {
  const open = () => replays.list().filter((run) => !endedStates.includes(run.progress.state))
  if (open().length === 0) return
  const ended = new Promise<void>((done) => {
    const unsubscribe = replays.onChange(() => open().length === 0 && finish())
    const timer = setTimeout(() => finish(), replayEndMs)
    const finish = () => {
      clearTimeout(timer)
      unsubscribe()
      done()
    }
  })
  await Promise.all(open().map((run) => replays.stop(run.id)))
  await ended
}
