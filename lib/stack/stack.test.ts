import { readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import { PreflightError } from './preflight.ts'
import { of, smallStacks } from './small-stacks.ts'

const { config, create, service, closeLast, sickFile, ask } = smallStacks()

describe('the stack', () => {
  it('comes up in order, says what each waits for, and goes down again', async () => {
    await writeFile(sickFile('zookeeper'), '')
    const stack = create()
    expect(stack.snapshot()).toMatchObject({ phase: 'stopped', startedAt: null, readyAfterMs: null })
    const up = stack.up()
    await expect.poll(() => of(stack, 'zookeeper').waitsFor).toBe('it is sick (/ answers 503)')
    expect(of(stack, 'druid-broker')).toMatchObject({ phase: 'waiting', waitsFor: 'zookeeper is not ready yet' })
    expect(stack.snapshot().phase).toBe('starting')
    expect(await ask('druid-broker')).toBeNull()
    const asked = `GET http://127.0.0.1:${config().ports.zookeeper}/`
    expect(of(stack, 'zookeeper').probe).toMatchObject({ asked, answer: expect.stringMatching(/^503 \d+$/) })
    expect(of(stack, 'druid-broker').probe).toBeNull()

    await rm(sickFile('zookeeper'))
    await up
    expect(stack.snapshot()).toMatchObject({ phase: 'ready', reason: null, faults: [] })
    expect(stack.snapshot().readyAfterMs).toBeGreaterThan(0)
    expect(of(stack, 'druid-broker')).toMatchObject({ phase: 'ready', handle: await ask('druid-broker'), restarts: 0 })
    await expect.poll(() => of(stack, 'druid-broker').rssBytes).toBeGreaterThan(0)

    expect(of(stack, 'zookeeper')).toMatchObject({
      ...{ runtime: 'process', needs: [], dependents: ['druid-broker'] },
      probe: { answer: `200 ${await ask('zookeeper')}` },
    })

    await stack.down()
    expect(stack.snapshot()).toMatchObject({ phase: 'stopped', startedAt: null })
    expect(of(stack, 'zookeeper').probe).toBeNull()
    expect([await ask('zookeeper'), await ask('druid-broker')]).toEqual([null, null])
  })

  it('is started once, however often it is asked to', async () => {
    const stack = create()
    const first = stack.up()
    await Promise.all([first, stack.up(), stack.up({ only: ['zookeeper'] })])
    const pid = await ask('zookeeper')
    await stack.up()
    expect(await ask('zookeeper')).toBe(pid)
  })

  it('starts a part with what that needs, then the rest', async () => {
    const stack = create()
    await stack.startService('zookeeper')
    expect([of(stack, 'zookeeper').phase, of(stack, 'druid-broker').phase]).toEqual(['ready', 'stopped'])
    expect(stack.snapshot().phase).toBe('ready')
    await stack.up({ only: ['druid-broker'] })
    expect(of(stack, 'druid-broker').phase).toBe('ready')
  })

  it('starts a service after others only where both are brought up together', async () => {
    await writeFile(sickFile('zookeeper'), '')
    const late = service('druid-broker', { startsAfter: ['zookeeper'] })
    const stack = create([service('zookeeper'), late])
    await stack.startService('druid-broker')
    await stack.stopService('druid-broker')
    const up = stack.up()
    await expect.poll(() => of(stack, 'druid-broker').waitsFor).toBe('zookeeper is not ready yet')
    await rm(sickFile('zookeeper'))
    await up
    expect(of(stack, 'druid-broker').phase).toBe('ready')
  })

  it('starts one again that was restarted while the others come up', async () => {
    await writeFile(sickFile('druid-broker'), '')
    const stack = create()
    const up = stack.up()
    await expect.poll(() => of(stack, 'druid-broker').waitsFor).toContain('it is sick')
    const before = await ask('zookeeper')
    const restarted = stack.restartService('zookeeper')
    await expect.poll(() => ask('zookeeper')).not.toBe(before)
    await rm(sickFile('druid-broker'))
    await Promise.all([up, restarted])
    expect(stack.snapshot().phase).toBe('ready')
    expect(await ask('zookeeper')).toBe(of(stack, 'zookeeper').handle)
  })

  it('stays down although a service was being restarted when it was stopped', async () => {
    const stack = create()
    await stack.up()
    const restarted = stack.restartService('zookeeper').catch((error: Error) => error.message)
    await stack.down()
    expect(await restarted).toBe('The stack is being stopped.')
    expect(stack.snapshot().phase).toBe('stopped')
    expect(await ask('zookeeper')).toBeNull()
  })

  it('brings along what a service needs, and leaves the waiting to the service', async () => {
    await writeFile(sickFile('zookeeper'), '')
    const stack = create([service('zookeeper'), service('druid-broker', { needs: ['zookeeper'] })])
    const up = stack.startService('druid-broker')
    await expect.poll(() => of(stack, 'druid-broker').phase).toBe('ready')
    expect(of(stack, 'zookeeper').phase).toBe('starting')
    await rm(sickFile('zookeeper'))
    await up
    expect(of(stack, 'zookeeper').phase).toBe('ready')
  })

  it('hands a smaller start over to a larger one', async () => {
    await writeFile(sickFile('zookeeper'), '')
    const stack = create()
    const small = stack.up({ only: ['zookeeper'] })
    await expect.poll(() => of(stack, 'zookeeper').waitsFor).toContain('it is sick')
    const large = stack.up()
    await rm(sickFile('zookeeper'))
    await Promise.all([small, large])
    expect(of(stack, 'druid-broker').phase).toBe('ready')
  })

  it('gives up a start when it is told to stop', async () => {
    await writeFile(sickFile('zookeeper'), '')
    const stack = create()
    const up = expect(stack.up()).rejects.toThrow(/being stopped/)
    await expect.poll(() => of(stack, 'zookeeper').waitsFor).toContain('it is sick')
    await stack.down()
    await up
    expect(stack.snapshot()).toMatchObject({ phase: 'stopped', reason: null })
    expect(await ask('zookeeper')).toBeNull()
  })

  it('stays down where it cannot run, and says why', async () => {
    const program = {
      kind: 'native',
      command: () => {
        throw new Error('It is not fetched.')
      },
      args: [],
    } as const
    const stack = create([service('zookeeper', { program })])
    await expect(stack.up()).rejects.toThrow(/It is not fetched/)
    expect(stack.snapshot()).toMatchObject({ phase: 'failed', reason: expect.stringContaining('It is not fetched') })
    expect(of(stack, 'zookeeper').phase).toBe('failed')
  })

  it('finishes a start that failed when the service that failed is started by itself', async () => {
    let fetched = false
    const { program } = service('zookeeper')
    const late = (): ServiceDefinition['program'] => {
      if (program.kind !== 'native') return program
      const command: typeof program.command = (...asked) => {
        if (!fetched) throw new Error('It is not fetched.')
        return program.command(...asked)
      }
      return { ...program, command }
    }
    const broker = service('druid-broker', { needs: ['zookeeper'], startsAfter: ['zookeeper'] })
    const stack = create([service('zookeeper', { program: late() }), broker])
    await expect(stack.up()).rejects.toThrow(/It is not fetched/)
    expect(of(stack, 'druid-broker').phase).toBe('failed')
    fetched = true
    await stack.startService('zookeeper')
    expect(stack.snapshot()).toMatchObject({ phase: 'ready', reason: null })
    expect(of(stack, 'druid-broker').phase).toBe('ready')
  })

  it('notices a service that runs and is no longer ready', async () => {
    const stack = create()
    await stack.up()
    await writeFile(sickFile('zookeeper'), '')
    await expect.poll(() => stack.snapshot().phase).toBe('degraded')
    expect(stack.snapshot().reason).toContain('zookeeper: It runs, but it is sick')
    await rm(sickFile('zookeeper'))
    await expect.poll(() => stack.snapshot().phase).toBe('ready')
  })

  it('starts nothing when something is in the way', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(config().ports.zookeeper, '127.0.0.1', resolve))
    const stack = create()
    await expect(stack.up()).rejects.toThrow(PreflightError)
    expect(stack.snapshot()).toMatchObject({
      phase: 'failed',
      faults: [{ subject: `port ${config().ports.zookeeper}` }],
    })
    await new Promise((resolve) => other.close(resolve))
    await stack.up()
    expect(stack.snapshot()).toMatchObject({ phase: 'ready', faults: [] })
  })
})

describe('a later console', () => {
  it('watches what runs, without starting it anew', async () => {
    const before = create()
    await before.up()
    const { startedAt, readyAfterMs } = before.snapshot()
    const pid = await ask('zookeeper')
    await before.close()
    const stack = create()
    await stack.adopt()
    await expect.poll(() => stack.snapshot().phase).toBe('ready')
    expect(stack.snapshot()).toMatchObject({ startedAt, readyAfterMs })
    expect(of(stack, 'zookeeper').handle).toBe(pid)
    await ask('zookeeper', '/die')
    await expect.poll(() => of(stack, 'zookeeper').restarts).toBe(1)
  })

  it('starts what was meant to run and died meanwhile', async () => {
    const before = create()
    await before.up()
    await before.close()
    await closeLast()
    await ask('zookeeper', '/die')
    const stack = create()
    await stack.adopt()
    await expect.poll(() => stack.snapshot().phase).toBe('ready')
    expect(await ask('zookeeper')).toBe(of(stack, 'zookeeper').handle)
  })

  it('leaves stopped what was stopped, also when the stop was cut short', async () => {
    const before = create()
    await before.up()
    await before.close()
    const file = join(config().homeDir, 'stack.json')
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), stopping: true }))
    const stack = create()
    await stack.adopt()
    await expect.poll(() => stack.snapshot().phase).toBe('stopped')
    expect(await ask('zookeeper')).toBeNull()
    const next = create()
    await next.adopt()
    expect(next.snapshot().phase).toBe('stopped')
  })
})
