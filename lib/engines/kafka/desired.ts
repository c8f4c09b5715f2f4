/** The topics that the line needs, and how they come to be. The connector's own topics are made by Connect itself. */
import type { Admin } from 'kafkajs'
import type { Change } from '#lib/engines/engine.ts'
import { topics, tweetsPartitions } from '#lib/pipeline/stages.ts'

export const wantedTopics = [
  { topic: topics.tweets, numPartitions: tweetsPartitions },
  // Few and rarely read: their order is worth more than their speed.
  { topic: topics.deadLetters, numPartitions: 1 },
] as const

/** Makes missing topics and adds missing partitions; never takes any away. */
export async function provisionTopics(admin: Admin): Promise<Change[]> {
  const { topics: present } = await admin.fetchTopicMetadata()
  const partitions = new Map(present.map((t) => [t.name, t.partitions.length]))
  const changes: Change[] = []
  for (const { topic, numPartitions } of wantedTopics) {
    const has = partitions.get(topic)
    let action: Change['action'] = 'unchanged'
    if (has === undefined) {
      // False means that somebody else has made it in the meantime.
      const made = await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true })
      if (made) action = 'created'
    } else if (has < numPartitions) {
      await admin.createPartitions({ topicPartitions: [{ topic, count: numPartitions }] })
      action = 'updated'
    }
    changes.push({ engine: 'kafka', subject: `topic ${topic}`, action })
  }
  return changes
}
