/** Tweet files of any size for benchmarks. */
import { checkSize, type SampleProgress } from './build.ts'
import { readTexts } from './texts.ts'
import { idsFirst, TextSource, userJson } from './tweets.ts'
import { population } from './users.ts'
import { ArrayWriter, FileWriter } from './writer.ts'

export interface GenerateOptions {
  users: number
  /** Tweets of each user, the same for all, so that the file holds exactly `users · tweets`. */
  tweets: number
  outFile: string
  seed: number
  /** Folder of the artifact `tweets-text`. */
  textDir: string
  /** Least number of characters of each text as the file writes it; default 0. 8,328 × 200 tweets are about 0.2 GB as they are and 1 GB with 570. */
  padTo?: number
  onProgress?: (progress: SampleProgress) => void
  signal?: AbortSignal
}

/**
 * Writes one tweets file in the shape of the real one, with constant memory; resolves to its size in bytes. Deterministic for a
 * seed. Rejects with RangeError for sizes that make no sense, or with the signal's reason, and then leaves no file.
 */
export async function generateTweets(options: GenerateOptions): Promise<number> {
  const { users, tweets, outFile, seed, textDir, padTo = 0, signal } = options
  checkSize('users', users, 1)
  checkSize('tweets', tweets, 0)
  checkSize('padTo', padTo, 0)
  const source = new TextSource(await readTexts(textDir), seed, padTo)
  const people = population(users, seed)
  const first = idsFirst(users, seed)
  const file = await FileWriter.create(outFile)
  try {
    const array = new ArrayWriter(file)
    for (let index = 0; index < users; index += 1) {
      signal?.throwIfAborted()
      await array.add(userJson(people.id(index), source.draw(tweets).json, first[index] === 1))
      if (index % 100 === 99)
        options.onProgress?.({ doneTweets: (index + 1) * tweets, totalTweets: users * tweets, doneBytes: file.bytes })
    }
    await array.finish()
    options.onProgress?.({ doneTweets: users * tweets, totalTweets: users * tweets, doneBytes: file.bytes })
    return file.bytes
  } finally {
    await file.discard()
  }
}
