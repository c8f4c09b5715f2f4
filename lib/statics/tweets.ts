/** tweets1.json in any shape that the replay reads: one row a tweet, numbered from 0 among the loaded tweets of its user. */
import { TweetReader } from '#lib/replay/source/index.ts'
import type { Read, Sink } from './reading.ts'

export const readTweets: Read = async (chunks, sink) => {
  const reader = new TweetReader({ needsTime: () => false })
  const positions = new Map<string, number>()
  for await (const chunk of chunks) {
    reader.push(chunk)
    drain(reader, positions, sink)
  }
  reader.end()
  drain(reader, positions, sink)
}

function drain(reader: TweetReader, positions: Map<string, number>, { tally, row }: Sink): void {
  for (let step = reader.advance(); step === 'tweet' || step === 'reject'; step = reader.advance()) {
    if (step === 'tweet') {
      const { userId, text } = reader.tweet()
      const position = positions.get(userId) ?? 0
      positions.set(userId, position + 1)
      tally.load(userId)
      row([userId, position, text])
    } else if (reader.reject !== null) {
      const { line, column, index, reason } = reader.reject
      // What differs from one reject to the next stands after the colon.
      const [sentence = reason, found] = reason.split(/: (.*)/s)
      tally.reject({ line: line ?? 1, column, element: index ?? 0 }, sentence, found ?? null)
    }
  }
}
