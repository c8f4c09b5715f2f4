/** A service that hangs for a while: its connections stay open and nothing answers. */
import { join } from 'node:path'
import { beforeAll, describe, inject, test } from 'vitest'
import { Runs } from './runs.ts'
import { TestStack } from './stack.ts'
import { writeTweets } from './tweets.ts'

const stack = new TestStack(inject('home'), inject('portOffset'))
let runs: Runs

beforeAll(async () => {
  const file = join(inject('home'), 'tweets-trouble.json')
  runs = new Runs(stack, file, await writeTweets(file, 20_000, 77))
})

describe('a service that hangs for a while costs nothing', () => {
  test.each(['connect', 'kafka', 'mosquitto'] as const)('%s', (service) =>
    runs.exactThrough(() => stack.hang(service, 8)),
  )
})
