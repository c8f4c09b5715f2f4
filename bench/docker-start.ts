/** `up` of the stack in containers, images and data there, until it works, beside `docker-compose up` of the same services until all are healthy. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { composeSettings } from '#lib/runtime/docker/compose/index.ts'
import { type ImageId, imageIds, imageRef, withBelow } from '#lib/runtime/docker/images/index.ts'
import { type Figure, interleave, median, report } from './support/harness.ts'
import { createLab } from './support/lab.ts'

const rounds = 5
const project = 'aviary-bench-compose'
/** Long enough for a first start on a busy machine. */
const patienceMs = 600_000

const lab = await createLab('docker')
const { config } = lab
const settings = join(lab.folder, 'compose.env')

const command = async (name: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(name, args, { cwd: config.rootDir, maxBuffer: 2 ** 26 })).stdout
const compose = (...args: string[]) =>
  command('docker-compose', '--env-file', settings, '--file', 'docker/compose.yaml', ...args)

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

async function ours(): Promise<number> {
  const start = performance.now()
  const { close } = await lab.up()
  const seconds = (performance.now() - start) / 1000
  await close()
  return seconds
}

async function untilHealthy(): Promise<void> {
  const filter = ['--filter', `label=com.docker.compose.project=${project}`]
  const services = (await compose('config', '--services')).trim().split('\n')
  const end = performance.now() + patienceMs
  while (performance.now() < end) {
    const healthy = await command('docker', 'ps', '--quiet', ...filter, '--filter', 'health=healthy')
    if (healthy.trim().split('\n').length === services.length) return
    await new Promise((r) => setTimeout(r, 100))
  }
  throw new Error(`not all services of Compose are healthy after ${patienceMs / 1000} s`)
}

async function theirs(): Promise<number> {
  const seconds = await secondsOf(async () => {
    await compose('up', '-d')
    await untilHealthy()
  })
  await compose('stop')
  return seconds
}

/** What each image adds to the one below it, and all together. */
async function imageSizes(): Promise<Record<string, Figure>> {
  const total = async (id: ImageId) =>
    Number(await command('docker', 'image', 'inspect', '--format', '{{.Size}}', await imageRef(id, config)))
  const figures: Record<string, Figure> = {}
  let all = 0
  for (const id of imageIds) {
    const below = withBelow([id]).at(-2)
    const own = ((await total(id)) - (below === undefined ? 0 : await total(below))) / 1e6
    figures[`docker-images.${id}-mb`] = { value: own, unit: 'MB', goal: null }
    all += own
  }
  return { ...figures, 'docker-images.all-mb': { value: all, unit: 'MB', goal: null } }
}

try {
  // All that a start would build is there beforehand, and the images whose sizes are told.
  await command(process.execPath, 'bin/aviary', 'images')
  await writeFile(settings, composeSettings(config, project), { mode: 0o600 })
  // The first start makes containers, volumes and what services keep in them.
  for (const first of [ours, theirs]) console.log(`  first start, ${first.name}: ${(await first()).toFixed(1)} s`)
  const load = loadavg()[0] ?? Number.NaN
  const { up, compose: peer } = await interleave(rounds, { up: ours, compose: theirs })
  report('docker-start', {
    rounds,
    figures: {
      'docker-start.seconds': { value: median(up), unit: 's', goal: null },
      'docker-start.compose-seconds': { value: median(peer), unit: 's', goal: null },
      'docker-start.vs-compose': {
        value: median(up.map((seconds, i) => seconds / (peer[i] ?? Number.NaN))),
        unit: 'x',
        goal: '<= 0.6',
      },
      'docker-start.load-before': { value: load, unit: '', goal: null },
      ...(await imageSizes()),
    },
  })
} finally {
  await compose('down', '--volumes').catch(() => {})
  await lab.remove()
}
