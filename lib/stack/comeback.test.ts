import { rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { of, smallStacks } from './small-stacks.ts'

const { create, sickFile, ask } = smallStacks()

describe('a service that dies', () => {
  it('is started again, and its end is told', async () => {
    const stack = create()
    await stack.up()
    const seen: ServiceSnapshot[] = []
    stack.onChange(({ services }) => seen.push(...services.filter(({ id }) => id === 'druid-broker')))
    await ask('druid-broker', '/die')
    await expect.poll(() => seen.some(({ restartAt }) => restartAt !== null)).toBe(true)
    const waiting = seen.find(({ restartAt }) => restartAt !== null)
    expect(waiting).toMatchObject({ phase: 'waiting', exit: { code: 9, signal: null }, status: { state: 'down' } })
    expect(waiting?.lastLog.at(-1)).toBe('dies')
    await expect.poll(() => of(stack, 'druid-broker').phase).toBe('ready')
    // What it died of stays to be read until a person stops or starts it.
    expect(of(stack, 'druid-broker')).toMatchObject({ restarts: 1, exit: { code: 9 }, lastLog: waiting?.lastLog })
    expect(stack.snapshot().phase).toBe('ready')
    await stack.restartService('druid-broker')
    expect(of(stack, 'druid-broker')).toMatchObject({ phase: 'ready', restarts: 0, exit: null, lastLog: [] })
  })

  it('for want of another is started again when that is back, and none of its five restarts is used up', async () => {
    const stack = create()
    await stack.up()
    await writeFile(sickFile('zookeeper'), '')
    await ask('druid-broker', '/die')
    await expect.poll(() => of(stack, 'druid-broker').waitsFor).toBe('zookeeper is not ready yet')
    expect(of(stack, 'druid-broker')).toMatchObject({
      phase: 'waiting',
      restartAt: null,
      exit: { code: 9 },
      status: { state: 'down', reason: 'It ended with code 9. It is started again when zookeeper is ready.' },
    })
    await rm(sickFile('zookeeper'))
    await expect.poll(() => of(stack, 'druid-broker').phase).toBe('ready')
    expect(of(stack, 'druid-broker')).toMatchObject({ restarts: 1, waitsFor: null })
    await ask('druid-broker', '/die')
    // The first of its five.
    await expect.poll(() => of(stack, 'druid-broker').status.reason).toContain('again in 1 s')
  })

  it('and is stopped while it waits is not started again', async () => {
    const stack = create()
    await stack.up()
    await writeFile(sickFile('zookeeper'), '')
    await ask('druid-broker', '/die')
    await expect.poll(() => of(stack, 'druid-broker').waitsFor).toBe('zookeeper is not ready yet')
    await stack.stopService('druid-broker')
    await rm(sickFile('zookeeper'))
    await expect.poll(() => of(stack, 'zookeeper').status.state).toBe('up')
    expect(of(stack, 'druid-broker')).toMatchObject({ phase: 'stopped', waitsFor: null, lastLog: [] })
    expect(await ask('druid-broker')).toBeNull()
  })
})
