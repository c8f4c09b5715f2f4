/** What befalls containers alone: they lose their network or their memory, or somebody removes them. */
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { Runs } from './runs.ts'
import { docker, TestStack, until } from './stack.ts'
import { writeTweets } from './tweets.ts'

const stack = new TestStack(inject('home'), inject('portOffset'))
let runs: Runs

beforeAll(async () => {
  const file = join(inject('home'), 'tweets-containers.json')
  runs = new Runs(stack, file, await writeTweets(file, 20_000, 78))
})

describe('a container', () => {
  test('that loses its network for a while costs nothing', () =>
    runs.exactThrough(async () => {
      const id = await stack.handle('connect')
      const format = '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}'
      const network = (await docker('inspect', '--format', format, id)).trim()
      await docker('network', 'disconnect', network, id)
      await new Promise((r) => setTimeout(r, 8_000))
      await docker('network', 'connect', '--alias', 'connect', network, id)
    }))

  test('that outgrows its memory is told so, and costs nothing', () =>
    runs.exactThrough(async () => {
      const id = await stack.handle('connect')
      // Many small eaters, so that the largest process that the system finds is the service itself.
      const eaters = 24
      const limit = Number((await docker('inspect', '--format', '{{.HostConfig.Memory}}', id)).trim())
      const eater = `x=$(head -c ${Math.round(limit / eaters)} /dev/zero | tr "\\\\0" x); sleep 900`
      for (let i = 0; i < eaters; i++) await docker('exec', '--detach', id, 'sh', '-c', eater).catch(() => '')
      const why = await until('the end of Connect', 400, async () => {
        const found = (await stack.status()).stack.services.find((service) => service.id === 'connect')
        return found?.exit?.signal ?? null
      })
      expect(why).toContain('out of memory')
    }))

  test('that somebody removes is made anew', () =>
    runs.exactThrough(async () => {
      await docker('rm', '--force', await stack.handle('connect'))
    }))
})
