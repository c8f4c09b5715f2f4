/** How far the sink is behind: the records in Kafka that are not in its folder yet. */
import { groupOf } from '#lib/engines/connect/index.ts'
import { type KafkaEngine, type PartitionOffset, Positions } from '#lib/engines/kafka/index.ts'
import { landingConnector, topics } from '#lib/pipeline/stages.ts'
import { Pending } from './pending.ts'

const askEveryMs = 2_000
const askWithinMs = 5_000
/** The first question may have to wait for the reading to catch up with what was written while nobody landed it. */
const catchUpWithinMs = 60_000

export class Landing {
  readonly #kafka: Pick<KafkaEngine, 'groupOffsets' | 'tail'>
  readonly #pending = new Pending()
  #reading = false
  #asking = false
  #askedAt = 0
  #behind: number | null = null

  constructor(kafka: Pick<KafkaEngine, 'groupOffsets' | 'tail'>) {
    this.#kafka = kafka
  }

  /** Null: could not be asked. */
  get behind(): number | null {
    return this.#behind
  }

  /** Asks when it is due. */
  async refresh(signal: AbortSignal): Promise<void> {
    if (this.#asking || Date.now() - this.#askedAt < askEveryMs) return
    this.#asking = true
    try {
      this.#behind = await this.#ask(signal)
    } catch {
      this.#behind = null
    } finally {
      this.#asking = false
      this.#askedAt = Date.now()
    }
  }

  async #ask(signal: AbortSignal): Promise<number> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(askWithinMs)])
    const landed = await this.#kafka.groupOffsets(groupOf(landingConnector), topics.tweets, within)
    if (!this.#reading) await this.#read(landed, AbortSignal.any([signal, AbortSignal.timeout(catchUpWithinMs)]))
    for (const { partition, offset } of landed) this.#pending.drop(partition, BigInt(offset ?? 0))
    return this.#pending.count
  }

  /** Follows the topic from where the sink is. */
  async #read(landed: readonly PartitionOffset[], signal: AbortSignal): Promise<void> {
    const from = new Positions()
    for (const { partition, offset } of landed) from.set(topics.tweets, partition, BigInt(offset ?? 0))
    this.#pending.clear()
    const tail = await this.#kafka.tail({
      from,
      onBatch: (batch) => {
        if (batch.topic === topics.tweets) this.#pending.add(batch)
      },
      signal,
    })
    try {
      await tail.caughtUp(signal)
      this.#reading = true
    } catch (error) {
      await tail.close()
      throw error
    }
  }
}
