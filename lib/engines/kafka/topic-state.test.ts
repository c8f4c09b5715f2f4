import { expect, it } from 'vitest'
import { topicState } from './topic-state.ts'

const whole = { leader: 1, replicas: [1, 2, 3], isr: [3, 1, 2] }

it('a topic all of whose copies are up to date is up', () => {
  expect(topicState('tweets', [whole, whole])).toEqual({ state: 'up', reason: null })
})

it('a topic that is not there, or a partition that nobody leads, is waited for', () => {
  const missing = topicState('tweets', undefined)
  expect(missing).toEqual({ state: 'degraded', reason: 'The topic tweets does not exist yet.', held: false })
  const orphan = { leader: -1, replicas: [1], isr: [1] }
  const reason = '1 partitions have no leader.'
  expect(topicState('tweets', [whole, orphan])).toEqual({ state: 'degraded', reason, held: false })
})

it('a topic with copies on a broker that is away is degraded, and not waited for: it takes messages', () => {
  const reason = 'Of 3 copies of the topic tweets only 1 are up to date: a broker is away, or catching up.'
  const found = topicState('tweets', [whole, { ...whole, isr: [1, 2] }, { ...whole, isr: [1] }])
  expect(found).toEqual({ state: 'degraded', reason, held: true })
})
