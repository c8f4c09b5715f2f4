/** Static data: the sizes of the real files into Hive, a tweets file of full size (8,328 x 200), and a dashboard until it is drawn. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureArtifact } from '#lib/artifacts/index.ts'
import { buildSample, generateTweets } from '#lib/sample/index.ts'
import { openViewer } from './support/dashboard.ts'
import { interleave, median, report } from './support/harness.ts'
import { createLab } from './support/lab.ts'
import type { Loaded } from './support/static-load.ts'

const rounds = 5
const users = 8_328

const lab = await createLab()
const program = join(import.meta.dirname, 'support', 'static-load.ts')

async function load(dir: string, ...options: string[]): Promise<Loaded> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, dir, ...options], {
    env: { ...process.env, AVIARY_HOME: lab.config.homeDir, AVIARY_PORT_OFFSET: '23000' },
  })
  return JSON.parse(stdout) as Loaded
}

async function loads(dir: string, textDir: string) {
  const { close, runtime } = await lab.up(['hive'])
  try {
    console.log(`  first load: ${(await load(dir)).seconds.toFixed(1)} s`)
    const { seconds } = await interleave(rounds, { seconds: async () => (await load(dir)).seconds })
    const outFile = join(dir, 'tweets.json')
    await generateTweets({ users, tweets: 200, outFile, seed: 1, textDir, padTo: 570 })
    const full = await load(dir, 'tweets')
    const hive = await runtime.stats('hive')
    return { seconds, full, hiveMb: (hive?.rssBytes ?? Number.NaN) / 2 ** 20 }
  } finally {
    await close()
  }
}

/** The static data of `loads` are there, so charts that join are drawn too. */
async function drawn(): Promise<number[]> {
  const viewer = await openViewer(lab.config, 23_000)
  try {
    return (await interleave(rounds, { drawn: viewer.drawn })).drawn
  } finally {
    await viewer.close()
  }
}

try {
  const textDir = await ensureArtifact('tweets-text', { cacheDir: lab.config.cacheDir })
  const dir = join(lab.folder, 'sample')
  await buildSample({ textDir, outDir: dir, users, tweetsPerUser: 0 })
  const { seconds, full, hiveMb } = await loads(dir, textDir)
  report('static', {
    rounds,
    figures: {
      'static.load-s': { value: median(seconds), unit: 's', goal: '<= 15' },
      'static.tweets-rows-per-s': { value: (users * 200) / full.seconds, unit: 'rows/s', goal: null },
      'static.rss-mb': { value: full.rssMb, unit: 'MB', goal: null },
      'static.hive-rss-mb': { value: hiveMb, unit: 'MB', goal: null },
      'static.dashboard-drawn-s': { value: median(await drawn()), unit: 's', goal: null },
    },
  })
} finally {
  await lab.remove()
}
