import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aptFault, mosquittoCommand, packageFile } from './mosquitto.ts'
import { ArtifactError } from './types.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mosquitto-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('mosquittoCommand', () => {
  const describeFolder = (command: object) => writeFile(join(dir, 'command.json'), JSON.stringify(command))

  it('runs unpacked packages with their libraries', async () => {
    await describeFolder({ command: 'usr/sbin/mosquitto', libraries: ['usr/lib/x', 'lib/x'], version: '2.0.11' })
    expect(mosquittoCommand(dir)).toEqual({
      command: join(dir, 'usr/sbin/mosquitto'),
      env: { LD_LIBRARY_PATH: `${join(dir, 'usr/lib/x')}:${join(dir, 'lib/x')}` },
      version: '2.0.11',
    })
  })

  it('leaves the system’s own alone', async () => {
    await describeFolder({ command: '/usr/sbin/mosquitto', libraries: [], version: '2.0.18' })
    expect(mosquittoCommand(dir)).toEqual({ command: '/usr/sbin/mosquitto', env: {}, version: '2.0.18' })
  })

  it('says that a folder holds none', () => {
    expect(() => mosquittoCommand(dir)).toThrowError(ArtifactError)
  })
})

describe('packageFile', () => {
  it('is the name apt gives, epochs encoded', () => {
    const pin = { sha256: '', bytes: 0, arch: 'amd64', name: 'libcap2', version: '1:2.66-4+b1', soname: null }
    expect(packageFile(pin)).toBe('libcap2_1%3a2.66-4+b1_amd64.deb')
  })
})

describe('aptFault', () => {
  const pins = [{ sha256: '', bytes: 0, arch: 'amd64', name: 'mosquitto', version: '2.0.11-1', soname: null }]

  it('says how to go on when the version is gone', () => {
    const error = aptFault(pins, ["E: Version '2.0.11-1' for 'mosquitto' was not found"])
    expect(error.message).toContain('mosquitto 2.0.11-1')
    expect(error.hint).toMatch(/apt-get install -y mosquitto.*relock\.ts/)
  })

  it('blames the network where it is the network', () => {
    const error = aptFault(pins, ['W: Failed to fetch http://mirror.example/debian', 'E: Unable to locate package'])
    expect(error.message).toContain('cannot reach its mirrors')
    expect(error.hint).toContain('network')
  })
})
