/** The message of a tweet as bytes, as `encodeMessage` shapes it: most of it is the tweet's text, copied as the file has it. */
import type { Payload } from './mqtt/packets.ts'
import type { RawTweet } from './source/index.ts'

const beforeId = Buffer.from('{"user_id": ')
const beforeText = Buffer.from(', "tweet": ')

/** Used again for every message of a run, so that a fast run makes no garbage. */
export class MessagePayload implements Payload {
  #tweet: RawTweet | null = null
  #at = Number.NaN
  #afterText = Buffer.alloc(0)
  /** When it is sent: ms since the epoch, as digits. */
  sentAt = ''

  /** Takes the tweet and the time at which it is sent; many messages share a millisecond. */
  set(tweet: RawTweet, now: number): void {
    this.#tweet = tweet
    if (now === this.#at) return
    this.#at = now
    this.sentAt = String(now)
    this.#afterText = Buffer.from(`, "timestamp": "${new Date(now).toISOString()}"}`)
  }

  get room(): number {
    const { userId, start, end } = this.#tweet as RawTweet
    return beforeId.length + userId.length + beforeText.length + end - start + this.#afterText.length
  }

  write(target: Buffer, at: number): number {
    const { userId, bytes, start, end } = this.#tweet as RawTweet
    let to = at + beforeId.copy(target, at)
    for (let i = 0; i < userId.length; i++) target[to++] = userId.charCodeAt(i)
    to += beforeText.copy(target, to)
    to += bytes.copy(target, to, start, end)
    return to + this.#afterText.copy(target, to)
  }
}
