/** The topics that the line needs, and how they come to be. The connector's own topics are made by Connect itself. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import type { Change } from '#lib/engines/engine.ts'
import { topics, tweetsPartitions } from '#lib/pipeline/stages.ts'

export const wantedTopics = [
  { topic: topics.tweets, numPartitions: tweetsPartitions },
  // Few and rarely read: their order is worth more than their speed.
  { topic: topics.deadLetters, numPartitions: 1 },
] as const

const lookEveryMs = 100
const mostLooks = 100

/** Makes missing topics and adds missing partitions; never takes any away. Returns when every partition can be written. */
export async function provisionTopics(admin: Admin): Promise<Change[]> {
  const present = await partitionsOf(admin)
  const changes: Change[] = []
  for (const { topic, numPartitions } of wantedTopics) {
    const has = present.get(topic)?.length
    let action: Change['action'] = 'unchanged'
    if (has === undefined) {
      // False means that somebody else has made it in the meantime. kafkajs's own waiting fails on a new topic.
      const made = await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: false })
      if (made) action = 'created'
    } else if (has < numPartitions) {
      await admin.createPartitions({ topicPartitions: [{ topic, count: numPartitions }] })
      action = 'updated'
    }
    changes.push({ engine: 'kafka', subject: `topic ${topic}`, action })
  }
  for (let look = 0; look < mostLooks && !hasLeaders(await partitionsOf(admin)); look++) await delay(lookEveryMs)
  return changes
}

/** Leaders by topic and partition; -1 where there is none. */
async function partitionsOf(admin: Admin): Promise<Map<string, number[]>> {
  const { topics: present } = await admin.fetchTopicMetadata()
  return new Map(present.map((t) => [t.name, t.partitions.map((p) => p.leader)]))
}

const hasLeaders = (present: Map<string, number[]>) =>
  wantedTopics.every(({ topic, numPartitions }) => {
    const leaders = present.get(topic) ?? []
    return leaders.length >= numPartitions && leaders.every((leader) => leader >= 0)
  })
