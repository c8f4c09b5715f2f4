/**
 * Start archives of a service's JVMs, as decision 4 has them, in a volume of the service: its first run writes them when it ends, later
 * ones begin from them. Images never change, so an archive fits as long as image and flags are the same.
 */
import { createHash } from 'node:crypto'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { archivingScript, launcherScript, trainingGraceMs } from '../archiving.ts'
import type { JavaProgram, ServiceDefinition } from '../definition.ts'
import type { Scope } from './guard/scope.ts'

/** Every image with Java has this folder. */
export const archivesDir = '/data/archives'
export const archivesVolume = ({ project }: Scope, service: ServiceId): string => `${project}_${service}-archives`

/** How long a service may take to stop: one of Java may have to write its archive first. */
export const graceMsOf = ({ program, stopGraceMs }: ServiceDefinition): number =>
  stopGraceMs + (program.kind === 'java' ? trainingGraceMs : 0)

interface Placed {
  readonly target: string
  readonly training: string
}

export class Archives {
  readonly #image: string
  readonly #main: string

  constructor(image: string, { mainClass }: JavaProgram) {
    this.#image = image
    this.#main = mainClass
  }

  /** Shell text that runs the service itself; what earlier images or runs cut short have left goes first. */
  run(flags: readonly string[], rest: string, children: readonly string[] | null): string {
    const own = this.#place('service', flags)
    const kept = [own, ...(children === null ? [] : [this.#place('child', children)])].map(({ target }) => target)
    const others = kept.map((path) => `! -path '${path}'`).join(' ')
    const tidy = `find ${archivesDir} -mindepth 1 -maxdepth 1 ${others} -exec rm -rf {} +`
    return `${tidy}\n${archivingScript({ java: 'java', flags, ...own, rest })}`
  }

  /** The program that stands in for `java` of the service's children. */
  launcher(flags: readonly string[]): string {
    return launcherScript({ java: 'java', flags, ...this.#place('child', flags) })
  }

  #place(kind: 'service' | 'child', flags: readonly string[]): Placed {
    const identity = [this.#image, this.#main, ...flags].join('\n')
    const key = createHash('sha256').update(identity).digest('hex').slice(0, 16)
    const name = `${archivesDir}/${kind}-${key}`
    return { target: `${name}.jsa`, training: `${name}.training` }
  }
}
