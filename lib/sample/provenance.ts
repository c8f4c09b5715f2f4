/** What in a sample is real and what is made up; written last, so that its presence means a complete sample. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

export const provenanceFile = 'PROVENANCE.json'

const schema = z.object({
  seed: z.number(),
  users: z.number(),
  /** Tweets in the file. */
  tweets: z.number(),
  /** Different real texts that were at hand; beyond them texts repeat. */
  realTexts: z.number(),
  files: z.record(z.string(), z.object({ bytes: z.number(), real: z.string(), synthetic: z.string() })),
  source: z.string(),
  licence: z.string(),
})
export type Provenance = z.infer<typeof schema>

export const textSource =
  'tweets_GroundTruth.txt of "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text", ' +
  'C.J. Hutto and E. Gilbert, ICWSM-14, from the source distribution of vaderSentiment 3.3.2 on PyPI'
export const textLicence = 'MIT (LICENSE-tweets.txt)'

/** For each file, what is real in it and what is not. */
export const origins: Record<string, { real: string; synthetic: string }> = {
  'tweets.json': {
    real: 'every text (public tweets, user names anonymised by their publishers, HTML entities decoded)',
    synthetic: 'ids, which user has which tweet, how many each user has',
  },
  'users1.json': { real: 'nothing', synthetic: 'everything; hashtag and mention counts agree with the texts' },
  'edges1.json': { real: 'nothing', synthetic: 'everything; sizes and asymmetry as in the real file' },
  'mbti_labels.csv': { real: 'nothing', synthetic: 'everything; shares of the types as in the real file' },
  'sentiment.csv': { real: 'texts and the mean of their human ratings (-4 to 4)', synthetic: 'nothing' },
}

/** The provenance of a complete sample, null when there is none (or an interrupted one) in the folder. */
export async function readProvenance(dir: string): Promise<Provenance | null> {
  try {
    return schema.parse(JSON.parse(await readFile(join(dir, provenanceFile), 'utf8')))
  } catch {
    return null
  }
}
