import { describe, expect, it } from 'vitest'
import { parseAptLine } from './mosquitto.ts'
import { DownloadMeter, parseMavenLine } from './progress.ts'
import type { ArtifactProgress } from './types.ts'

const repository = 'https://repository.example/maven2'

describe('parseMavenLine', () => {
  it('reads files on their way and arrived', () => {
    const path = `${repository}/org/apache/kafka/kafka_2.13/4.3.1/kafka_2.13-4.3.1.jar`
    expect(parseMavenLine(`[INFO] Downloading from central: ${path}`)).toEqual({
      file: 'kafka_2.13-4.3.1.jar',
      arrived: false,
    })
    expect(parseMavenLine(`[INFO] Downloaded from central: ${path} (6.7 MB at 35 MB/s)`)).toEqual({
      file: 'kafka_2.13-4.3.1.jar',
      arrived: true,
    })
    expect(parseMavenLine(`Downloaded from my-mirror: ${path} (4.2 kB at 25 kB/s)`)?.arrived).toBe(true)
  })

  it.each(['[INFO] BUILD SUCCESS', '', '[INFO] Copying kafka.jar to /x/kafka.jar', '[WARNING] Downloading is slow'])(
    'leaves other lines alone: %s',
    (line) => expect(parseMavenLine(line)).toBeNull(),
  )
})

describe('parseAptLine', () => {
  it('reads the package', () => {
    const line = 'Get:9 http://mirror.example/debian bookworm/main amd64 libwrap0 amd64 7.6.q-32 [54.9 kB]'
    expect(parseAptLine(line)).toBe('libwrap0')
    expect(parseAptLine('Fetched 1029 kB in 0s (5280 kB/s)')).toBeNull()
  })
})

describe('DownloadMeter', () => {
  const pins = [
    { sha256: '', bytes: 100, file: 'a.jar' },
    { sha256: '', bytes: 300, file: 'b.jar' },
  ]
  const meterAt = (present: string[], requests: number | null) => {
    const seen: Omit<ArtifactProgress, 'artifact'>[] = []
    const clock = { ms: 0 }
    const meter = new DownloadMeter({ pins, requests, present, report: (p) => seen.push(p), now: () => clock.ms })
    return { meter, clock, seen }
  }

  it('counts pinned bytes once, and every request for the remaining time', () => {
    const { meter, clock, seen } = meterAt([], 10)
    for (const [index, file] of ['x.pom', 'a.jar', 'a.jar', 'y.pom', 'b.jar'].entries()) {
      clock.ms = (index + 1) * 1000
      meter.finish(file)
    }
    expect(seen.map((p) => p.doneBytes)).toEqual([0, 100, 100, 100, 400])
    expect(seen.at(-1)).toEqual({
      phase: 'downloading',
      file: 'b.jar',
      doneBytes: 400,
      totalBytes: 400,
      remainingSeconds: 5,
    })
  })

  it('starts from what an earlier attempt left', () => {
    const { meter, seen } = meterAt(['a.jar', 'unknown.jar'], null)
    meter.begin('b.jar')
    expect(seen).toEqual([
      { phase: 'downloading', file: 'b.jar', doneBytes: 100, totalBytes: 400, remainingSeconds: null },
    ])
  })

  it('reports at most ten times a second', () => {
    const { meter, clock, seen } = meterAt([], 100)
    for (let i = 0; i < 100; i += 1) {
      clock.ms += 10
      meter.finish(`${i}.pom`)
    }
    expect(seen.length).toBeLessThanOrEqual(10)
  })
})
