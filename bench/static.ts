/** Static data into Hive: a sample in the sizes of the real files, and a tweets file of full size (8,328 x 200). */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureArtifact } from '#lib/artifacts/index.ts'
import { buildSample, generateTweets } from '#lib/sample/index.ts'
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

try {
  const textDir = await ensureArtifact('tweets-text', { cacheDir: lab.config.cacheDir })
  const dir = join(lab.folder, 'sample')
  await buildSample({ textDir, outDir: dir, users, tweetsPerUser: 0 })
  const { close, runtime } = await lab.up(['hive'])
  try {
    console.log(`  first load: ${(await load(dir)).seconds.toFixed(1)} s`)
    const { seconds } = await interleave(rounds, { seconds: async () => (await load(dir)).seconds })
    const outFile = join(dir, 'tweets.json')
    await generateTweets({ users, tweets: 200, outFile, seed: 1, textDir, padTo: 570 })
    const small = median(seconds)
    const full = await load(dir, 'tweets')
    const hive = await runtime.stats('hive')
    report('static', {
      rounds,
      figures: {
        'static.load-s': { value: small, unit: 's', goal: '<= 15' },
        'static.tweets-rows-per-s': { value: (users * 200) / full.seconds, unit: 'rows/s', goal: null },
        'static.rss-mb': { value: full.rssMb, unit: 'MB', goal: null },
        'static.hive-rss-mb': { value: (hive?.rssBytes ?? Number.NaN) / 2 ** 20, unit: 'MB', goal: null },
      },
    })
  } finally {
    await close()
  }
} finally {
  await lab.remove()
}
