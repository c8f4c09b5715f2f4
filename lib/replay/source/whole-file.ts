/** For the tests of the reader: all that a file gives. */
import type { Tweet } from '#lib/pipeline/message.ts'
import type { Reject } from '#lib/pipeline/run.ts'
import { FileFault } from '#lib/scan/fault.ts'
import { TweetReader } from './reader.ts'
import type { Mark, RawTweet } from './source.ts'

export interface Outcome {
  tweets: Tweet[]
  rejects: Reject[]
  fault: FileFault | null
}

/** Reads a whole file in pieces of the given sizes, taken in turn. */
export function read(file: string | Buffer, sizes: readonly number[] = [1 << 16], from?: Mark): Outcome {
  const bytes = Buffer.from(file).subarray(from?.offset ?? 0)
  const reader = new TweetReader({ needsTime: () => true, from })
  const outcome: Outcome = { tweets: [], rejects: [], fault: null }
  let at = 0
  for (let turn = 0; ; ) {
    try {
      const step = reader.advance()
      if (step === 'end') return outcome
      if (step === 'tweet') outcome.tweets.push(reader.tweet())
      else if (reader.reject !== null && step === 'reject') outcome.rejects.push(reader.reject)
      else if (at >= bytes.length) reader.end()
      else {
        const size = sizes[turn++ % sizes.length] ?? bytes.length
        reader.push(bytes.subarray(at, at + size))
        at += size
      }
    } catch (fault) {
      if (!(fault instanceof FileFault)) throw fault
      outcome.fault = fault
      return outcome
    }
  }
}

export const textOf = ({ bytes, start, end }: RawTweet): string => JSON.parse(bytes.toString('utf8', start, end))

export const texts = (outcome: Outcome) => outcome.tweets.map((t) => `${t.userId}:${t.text}`)
