/** Composition root: builds the console's parts in the order of their needs and connects them. */
import { join } from 'node:path'
import { pino } from 'pino'
import { Auth } from '#lib/auth/index.ts'
import { ensureCliKey } from '#lib/auth/tokens.ts'
import type { Config } from '#lib/config.ts'
import type { Console } from '#lib/console.ts'
import { engines as createEngines, serviceDefinitions } from '#lib/engines/registry.ts'
import { LedgerKeeper } from '#lib/ledger/index.ts'
import { Hub } from '#lib/live/hub.ts'
import { TapFeed } from '#lib/messages/feed.ts'
import { Monitor } from '#lib/monitor/index.ts'
import { endedStates } from '#lib/pipeline/run.ts'
import { topics } from '#lib/pipeline/stages.ts'
import { Replays } from '#lib/replay/index.ts'
import { createProcessRuntime, processSite } from '#lib/runtime/process/index.ts'
import { Stack } from '#lib/stack/index.ts'
import { openStore } from '#lib/store/index.ts'

const replayEndMs = 15_000

/** Finds services and replays that outlived an earlier console. The caller holds the home. */
export async function composeConsole(config: Config): Promise<Console> {
  const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime })
  const cliKey = await ensureCliKey(config.homeDir)
  const store = await openStore(join(config.homeDir, 'aviary.db'))
  const auth = new Auth({ store, cliKey, port: config.ports.console, hostNames: [config.host] })
  const runtime = createProcessRuntime({ config, log })
  const engines = createEngines(config, log)
  const stack = new Stack({ config, runtime, services: serviceDefinitions(processSite(config)), engines, log })
  const replays = new Replays({ config, repository: store.runs, log })
  const ledger = new LedgerKeeper({ kafka: engines.kafka, druid: engines.druid, log })
  const monitor = new Monitor({ config, engines, stack, replays, ledger, log })
  const hub = new Hub(monitor)
  const { mosquitto, kafka } = engines
  const feeds = {
    mosquitto: new TapFeed({ source: 'mosquitto', topic: topics.tweets, open: (r) => mosquitto.tap(r) }),
    kafka: new TapFeed({ source: 'kafka', topic: topics.tweets, open: (r) => kafka.tap(r) }),
  }
  replays.onChange((run) => ledger.track(run))
  ledger.onChange((counted) => {
    replays.noteLedger(counted)
    store.runs.saveLedger(counted).catch((error: unknown) => log.error({ err: error }, 'a ledger could not be saved'))
  })
  await Promise.all([stack.adopt(), replays.adopt()])
  if (!['stopped', 'stopping'].includes(stack.snapshot().phase)) await replays.goOn()
  for (const run of replays.list()) ledger.track(run)
  monitor.start()

  return {
    ...{ config, log, store, auth, runtime, engines, stack, replays, ledger, monitor, hub, feeds },
    startAll: async (options) => {
      await stack.up(options)
      await replays.goOn()
    },
    stopAll: async (options) => {
      // Without its messages in Kafka a run could not go on.
      await (options.purge ? endReplays(replays) : replays.suspend())
      await stack.down(options)
    },
    close: async () => {
      hub.close()
      monitor.close()
      await Promise.all([feeds.mosquitto.close(), feeds.kafka.close()])
      await ledger.close()
      replays.close()
      await stack.close()
      auth.close()
      await Promise.all(Object.values(engines).map((engine) => engine.close()))
      await runtime.close()
      await store.close()
    },
  }
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
