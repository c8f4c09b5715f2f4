/** The message on the topic `tweets`, as the original publisher shaped it. */

/** A tweet as the replay reads it: the id is digits, never a number (15 % of ids exceed 2^53). */
export interface Tweet {
  readonly userId: string
  readonly text: string
  /** The file's own time in ms since the epoch, where it has one. */
  readonly time: number | null
}

/**
 * The JSON text of a message: `user_id` as a bare integer of any size, the text unchanged, ISO-8601 UTC.
 * Ids that are not plain integers are written as JSON strings.
 */
export function encodeMessage(tweet: Tweet, sentAt: Date): string {
  const id = /^-?(0|[1-9]\d*)$/.test(tweet.userId) ? tweet.userId : JSON.stringify(tweet.userId)
  return `{"user_id": ${id}, "tweet": ${JSON.stringify(tweet.text)}, "timestamp": "${sentAt.toISOString()}"}`
}

/** A message as a tap saw it. */
export interface TapMessage {
  readonly topic: string
  readonly key: string | null
  /** The payload as text; invalid UTF-8 is shown with replacement characters. */
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
  /** Kafka only. */
  readonly partition: number | null
  /** Kafka only; a decimal, because offsets are 64 bit. */
  readonly offset: string | null
  /** When the engine got it (Kafka) or when the tap did (MQTT), ms since the epoch. */
  readonly at: number
}
