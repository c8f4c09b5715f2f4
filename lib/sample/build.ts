/** Builds the files of a sample side by side, user by user. */
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { edgesJson } from './edges.ts'
import { origins, type Provenance, provenanceFile, textLicence, textSource } from './provenance.ts'
import { seededRandom } from './random.ts'
import { type RealText, readTexts } from './texts.ts'
import { idsFirst, TextSource, tweetCounts, userJson } from './tweets.ts'
import { labelRow, type Population, population, profileJson } from './users.ts'
import { ArrayWriter, FileWriter } from './writer.ts'

export interface SampleProgress {
  doneTweets: number
  totalTweets: number
  /** Bytes of the tweets file so far. */
  doneBytes: number
}

export interface SampleOptions {
  /** Folder of the artifact `tweets-text`. */
  textDir: string
  outDir: string
  /** Default 420. */
  users?: number
  /** Mean over all users; default 10, which with 420 users takes every real text exactly once. */
  tweetsPerUser?: number
  /** Default 1. The same seed and sizes give the same bytes. */
  seed?: number
  onProgress?: (progress: SampleProgress) => void
  signal?: AbortSignal
}

type Sizes = Required<Pick<SampleOptions, 'users' | 'tweetsPerUser' | 'seed'>>

/** Throws RangeError, naming the size that makes no sense. */
export function checkSize(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= 100_000_000) return
  throw new RangeError(`${name} must be a whole number from ${least} to 100000000, not ${value}`)
}

async function writeUsers(
  writers: { tweets: ArrayWriter; users: ArrayWriter; labels: FileWriter },
  people: Population,
  texts: RealText[],
  sizes: Sizes,
  options: SampleOptions,
): Promise<void> {
  const counts = tweetCounts(sizes.users, sizes.tweetsPerUser, sizes.seed)
  const first = idsFirst(sizes.users, sizes.seed)
  const source = new TextSource(texts, sizes.seed)
  const random = seededRandom(sizes.seed, 'profiles')
  const totalTweets = sizes.users * sizes.tweetsPerUser
  let doneTweets = 0
  await writers.labels.write('id,mbti_personality,pers_id\n')
  for (let index = 0; index < people.count; index += 1) {
    options.signal?.throwIfAborted()
    const drawn = source.draw(counts[index] ?? 0)
    await writers.tweets.add(userJson(people.id(index), drawn.json, first[index] === 1))
    await writers.users.add(profileJson(people, index, drawn.counts, random))
    await writers.labels.write(labelRow(people, index))
    doneTweets += drawn.json.length
    if (index % 100 === 99 || index === people.count - 1)
      options.onProgress?.({ doneTweets, totalTweets, doneBytes: writers.tweets.file.bytes })
  }
}

/** A field of a CSV file, always quoted. */
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

async function writeSentiment(file: FileWriter, texts: RealText[]): Promise<void> {
  await file.write('tweet,sentiment\n')
  for (const { text, sentiment } of texts) await file.write(`${quoted(text)},${sentiment}\n`)
}

/**
 * Writes a sample in the exact shapes of the real files: tweets.json, users1.json, edges1.json, mbti_labels.csv, sentiment.csv,
 * and PROVENANCE.json last. Memory grows with the users (about 100 bytes each), not with the tweets. An interrupted or failed
 * build leaves no PROVENANCE.json. Rejects with RangeError for sizes that make no sense, or with the signal's reason.
 */
export async function buildSample(options: SampleOptions): Promise<Provenance> {
  const { textDir, outDir, users = 420, tweetsPerUser = 10, seed = 1 } = options
  checkSize('users', users, 1)
  checkSize('tweetsPerUser', tweetsPerUser, 0)
  const texts = await readTexts(textDir)
  await rm(join(outDir, provenanceFile), { force: true })
  const files: FileWriter[] = []
  const create = async (name: string) => {
    const file = await FileWriter.create(join(outDir, name))
    files.push(file)
    return file
  }
  try {
    const people = population(users, seed)
    const tweets = new ArrayWriter(await create('tweets.json'))
    const profiles = new ArrayWriter(await create('users1.json'))
    const edges = new ArrayWriter(await create('edges1.json'))
    const labels = await create('mbti_labels.csv')
    const sentiment = await create('sentiment.csv')
    await writeUsers({ tweets, users: profiles, labels }, people, texts, { users, tweetsPerUser, seed }, options)
    for (const edge of edgesJson(people, seed)) await edges.add(edge)
    await writeSentiment(sentiment, texts)
    for (const file of [tweets, profiles, edges, labels, sentiment]) await file.finish()
    await copyFile(join(textDir, 'LICENSE.txt'), join(outDir, 'LICENSE-tweets.txt'))
    return await writeProvenance(outDir, files, { users, tweetsPerUser, seed }, texts.length)
  } finally {
    await Promise.all(files.map((file) => file.discard()))
  }
}

async function writeProvenance(dir: string, files: FileWriter[], sizes: Sizes, realTexts: number): Promise<Provenance> {
  const entries = Object.entries(origins).map(([name, origin]) => {
    const bytes = files.find((file) => file.path === join(dir, name))?.bytes ?? 0
    return [name, { bytes, ...origin }] as const
  })
  const provenance: Provenance = {
    seed: sizes.seed,
    users: sizes.users,
    tweets: sizes.users * sizes.tweetsPerUser,
    realTexts,
    files: Object.fromEntries(entries),
    source: textSource,
    licence: textLicence,
  }
  const file = await FileWriter.create(join(dir, provenanceFile))
  await file.write(`${JSON.stringify(provenance, null, 2)}\n`)
  await file.finish()
  return provenance
}
