/** How a topic is, from what a broker tells of its partitions. Pure. */
import type { ITopicMetadata } from 'kafkajs'
import type { Finding } from '#lib/engines/observer.ts'

type PartitionFacts = Pick<ITopicMetadata['partitions'][number], 'leader' | 'replicas' | 'isr'>

const degraded = (reason: string, held = false): Finding => ({ state: 'degraded', reason, held })

/** `partitions` undefined: there is no such topic. With copies missing it still does its part, so nothing need wait for them. */
export function topicState(topic: string, partitions: readonly PartitionFacts[] | undefined): Finding {
  if (partitions === undefined) return degraded(`The topic ${topic} does not exist yet.`)
  const leaderless = partitions.filter(({ leader }) => leader < 0).length
  if (leaderless > 0) return degraded(`${leaderless} partitions have no leader.`)
  const short = partitions.filter(({ isr, replicas }) => isr.length < replicas.length)
  if (short.length === 0) return { state: 'up', reason: null }
  const fewest = Math.min(...short.map(({ isr }) => isr.length))
  const copies = Math.max(...short.map(({ replicas }) => replicas.length))
  return degraded(
    `Of ${copies} copies of the topic ${topic} only ${fewest} are up to date: a broker is away, or catching up.`,
    true,
  )
}
