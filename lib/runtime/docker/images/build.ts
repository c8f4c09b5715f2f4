/** One build: what it is made of goes up, what the engine says comes back as steps, and a failure is told by its cause. */
import { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type Docker from 'dockerode'
import { z } from 'zod'
import { DockerError } from '../errors.ts'
import { freeOnEngine, makeRoom, tellsFullDisk } from '../full-disk.ts'
import { imageLabel } from '../guard/scope.ts'
import { faultOf, jsonLines, progressLine } from '../lines.ts'
import { type TarEntry, tar } from '../tar.ts'
import { offlineBaseHint } from './debian.ts'
import type { ImageProgress } from './index.ts'

export interface Build {
  /** Folder of its Dockerfile. */
  readonly name: string
  /** What it is to be called, with its tag. */
  readonly ref: string
  /** Image it begins with. */
  readonly base: string
  readonly entries: readonly TarEntry[]
  readonly onStep: (step: Omit<ImageProgress, 'image' | 'phase'>) => void
  readonly signal?: AbortSignal
}

const buildLine = progressLine.extend({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.looseObject({ current: z.number().optional(), total: z.number().optional() }).optional(),
})

/** So many of the last lines of a failed step are told. */
const toldLines = 5
/** What the builder says of itself. */
const chatter = /^(--->|Step \d|Removing intermediate|Successfully )/

/** Rejects with DockerError (`build`; `disk-full`), or with the signal's reason. The name is given to the image once it is whole. */
export async function buildImage(docker: Docker, build: Build): Promise<void> {
  const { name, ref, base, signal, onStep } = build
  const made = { t: ref, buildargs: { BASE: base }, labels: { [imageLabel]: name } }
  const options = { ...made, rm: true, forcerm: true, version: '1' as const }
  const answer = await docker
    .buildImage(Readable.from(sent(build)), { ...options, abortSignal: signal })
    .catch(async (error: unknown) => {
      throw error instanceof DockerError && error.code === 'disk-full'
        ? await fullDisk(docker, name, handingOver)
        : error
    })
  let at = { step: 0, steps: 0 }
  let [text, instruction] = ['', '']
  const said: string[] = []
  let full = false
  for await (const line of jsonLines(answer)) {
    const parsed = buildLine.parse(line)
    const { stream, status, id, progressDetail } = parsed
    const error = faultOf(parsed)
    if (error !== undefined && (full || tellsFullDisk(error)))
      throw await fullDisk(docker, name, `at step ${at.step} (${instruction}) of docker/${name}/Dockerfile`)
    if (error !== undefined) throw buildFault(build, { step: at.step, instruction, error, said })
    const step = /^Step (\d+)\/(\d+) : (\w+)/.exec(stream ?? '')
    if (step !== null) {
      at = { step: Number(step[1]), steps: Number(step[2]) }
      instruction = step[3] ?? ''
      said.length = 0
      full = false
    }
    // What goes to standard error arrives in red.
    const told = stripVTControlCharacters(stream ?? status ?? '').trim()
    text = told || text
    full ||= tellsFullDisk(told)
    if (stream !== undefined && told !== '' && !chatter.test(told)) said.push(...told.split('\n'))
    said.splice(0, said.length - toldLines)
    const { current = 0, total = 0 } = progressDetail ?? {}
    onStep({ ...at, text, layer: id === undefined ? null : { id, doneBytes: current, totalBytes: total } })
  }
}

/** The archive of a build, with how much of it is on its way: some are hundreds of megabytes. */
async function* sent({ entries, onStep }: Build): AsyncGenerator<Buffer> {
  const size = ({ content }: TarEntry) =>
    content === null || typeof content === 'string' ? Buffer.byteLength(content ?? '') : content.bytes
  const totalBytes = entries.reduce((sum, entry) => sum + size(entry), 0)
  let doneBytes = 0
  let told = 0
  for await (const part of tar(entries)) {
    yield part
    doneBytes = Math.min(totalBytes, doneBytes + part.length)
    if (doneBytes - told < totalBytes / 50) continue
    told = doneBytes
    const layer = { id: 'what it is made of', doneBytes, totalBytes }
    onStep({ step: 0, steps: 0, text: 'handing over what it is made of', layer })
  }
}

const handingOver = 'while what it is made of was handed over'

const fullDisk = async (docker: Docker, name: string, when: string): Promise<DockerError> =>
  new DockerError(
    'disk-full',
    `The image ${name} cannot be built: the disk of the Docker engine is full, ${when}${await freeOnEngine(docker)}`,
    makeRoom,
  )

interface Failure {
  readonly step: number
  /** Of the Dockerfile: FROM, RUN, COPY. */
  readonly instruction: string
  readonly error: string
  /** Last lines of the step. */
  readonly said: readonly string[]
}

function buildFault({ name, base }: Build, { step, instruction, error, said }: Failure): DockerError {
  const fault = (why: string, hint: string) =>
    new DockerError('build', `The image ${name} cannot be built: ${why}`, hint)
  const reason = error.trim()
  if (instruction === 'FROM' && !base.startsWith('aviary/'))
    return fault(`its base ${base} is not there and cannot be fetched (${reason})`, offlineBaseHint)
  const last = said.length === 0 ? 'nothing' : `\n${said.join('\n')}`
  return fault(reason, `Step ${step} of docker/${name}/Dockerfile said last: ${last}`)
}
