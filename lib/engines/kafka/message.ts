/** A Kafka record as a tap shows it. */
import type { TapMessage } from '#lib/pipeline/message.ts'
import type { TopicBatch, TopicRecord } from './reading.ts'

export function* tapMessages({ topic, partition, records }: TopicBatch): Generator<TapMessage> {
  for (const record of records)
    yield {
      topic,
      key: record.key?.toString('utf8') ?? null,
      value: record.value?.toString('utf8') ?? '',
      headers: headerTexts(record),
      partition,
      offset: record.offset,
      at: Number(record.timestamp),
    }
}

/** A header as text, the last where it stands several times; null where it is missing. */
export function headerText(record: TopicRecord, name: string): string | null {
  const given = record.headers?.[name]
  const value = Array.isArray(given) ? given.at(-1) : given
  if (value === undefined) return null
  return typeof value === 'string' ? value : value.toString('utf8')
}

function headerTexts(record: TopicRecord): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const name in record.headers) texts[name] = headerText(record, name) ?? ''
  return texts
}
