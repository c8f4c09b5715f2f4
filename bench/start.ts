/** `up` of the warm stack to working, beside the same services on the JVM's defaults, one after another. */
import type { Engine } from '#lib/engines/engine.ts'
import { engines as createEngines, serviceDefinitions } from '#lib/engines/registry.ts'
import { processSite } from '#lib/runtime/process/index.ts'
import { listProcesses, readProcess } from '#lib/runtime/process/processes.ts'
import { median, report } from './support/harness.ts'
import { createLab } from './support/lab.ts'
import { type NaiveService, startNaively, stopNaively } from './support/naive-stack.ts'

const rounds = 5

const lab = await createLab()
const { config } = lab
const site = processSite(config)
const services = serviceDefinitions(site)

interface Cost {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** CPU seconds so far of all processes in the groups of these pids. */
async function cpuOf(pids: readonly number[]): Promise<number> {
  const groups = new Set((await Promise.all(pids.map(readProcess))).map((p) => p?.group))
  const members = (await listProcesses()).filter((p) => groups.has(p.group))
  return members.reduce((sum, p) => sum + p.cpuMs, 0) / 1000
}

async function untilUp(engine: Engine): Promise<void> {
  const signal = AbortSignal.timeout(180_000)
  while ((await engine.probe(signal)).state !== 'up') await new Promise((r) => setTimeout(r, 100))
}

async function ours(): Promise<Cost> {
  const start = performance.now()
  const { runtime, close } = await lab.up()
  const seconds = (performance.now() - start) / 1000
  const pids = [...(await runtime.inspect()).values()].map((i) => Number(i.handle))
  const cpuSeconds = await cpuOf(pids)
  await close()
  return { seconds, cpuSeconds }
}

async function naive(): Promise<Cost> {
  const engines = createEngines(site)
  const running: NaiveService[] = []
  try {
    const start = performance.now()
    for (const definition of inOrder()) running.push(await startNaively(site, definition))
    for (const engine of Object.values(engines)) await untilUp(engine)
    const seconds = (performance.now() - start) / 1000
    return { seconds, cpuSeconds: await cpuOf(running.map((r) => r.child.pid ?? 0)) }
  } finally {
    await Promise.all(Object.values(engines).map((e) => e.close()))
    for (const service of running.reverse()) await stopNaively(service)
  }
}

/** ZooKeeper and Mosquitto first, then in the order of the line: what a script would do. */
function inOrder() {
  const first = services.filter((s) => ['mosquitto', 'zookeeper'].includes(s.id))
  return [...first, ...services.filter((s) => !first.includes(s))]
}

try {
  // The first start provisions and trains the start archives, the second trains those of the tasks.
  for (const what of ['first start', 'training']) console.log(`  ${what}: ${(await ours()).seconds.toFixed(1)} s`)
  const costs: { ours: Cost; naive: Cost }[] = []
  for (let round = 1; round <= rounds; round++) {
    const pair = { ours: await ours(), naive: await naive() }
    costs.push(pair)
    const show = ({ seconds, cpuSeconds }: Cost) => `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} CPU-s`
    console.log(`  round ${round}/${rounds}  up: ${show(pair.ours)}   one after another: ${show(pair.naive)}`)
  }
  const ratio = (of: (c: Cost) => number) => median(costs.map((c) => of(c.ours) / of(c.naive)))
  report('start', {
    rounds,
    figures: {
      'start.seconds': { value: median(costs.map((c) => c.ours.seconds)), unit: 's', goal: null },
      'start.naive-seconds': { value: median(costs.map((c) => c.naive.seconds)), unit: 's', goal: null },
      'start.vs-naive': { value: ratio((c) => c.seconds), unit: 'x', goal: '<= 0.25' },
      'start.cpu-vs-naive': { value: ratio((c) => c.cpuSeconds), unit: 'x', goal: '<= 0.35' },
    },
  })
} finally {
  await lab.remove()
}
