/** `images`: builds what the Docker runtime and Compose run, the console among it, where it is not there yet. */
import { type Command, Option } from 'commander'
import type { Config } from '#lib/config.ts'
import type { DockerRuntime } from '#lib/runtime/docker/index.ts'
import { Steps } from '#lib/stack/steps.ts'
import { takeInterrupts } from './interrupts.ts'
import { tell } from './output.ts'
import { StackTeller } from './watch.ts'

interface ImagesCommand {
  readonly offlineBase?: boolean
  readonly mirror?: string
}

export function addImagesCommand(program: Command, config: () => Config): void {
  program
    .command('images')
    .description('build the images of all services and of the console, for the Docker runtime and for Compose')
    .option(
      '--offline-base',
      'make the Debian that they begin with of packages (debootstrap, as root): no image registry is needed',
    )
    .addOption(
      new Option('--mirror <url>', 'Debian mirror for --offline-base, instead of that of the apt sources').implies({
        offlineBase: true,
      }),
    )
    .action((options: ImagesCommand) => images(config(), options))
}

async function images(config: Config, { offlineBase, mirror }: ImagesCommand): Promise<void> {
  // Loaded here, because most commands need none of it.
  const [{ dockerRuntime }, { pino }] = await Promise.all([import('#lib/stack/choice.ts'), import('pino')])
  const runtime = await dockerRuntime(config, pino({ enabled: false }))
  const { first, release } = takeInterrupts()
  try {
    await runtime.ping()
    if (offlineBase) await makeBase(runtime, mirror ?? null, first)
    await build(config, runtime, first)
  } finally {
    release()
    await runtime.close()
  }
}

async function makeBase(runtime: DockerRuntime, mirror: string | null, signal: AbortSignal): Promise<void> {
  const steps = stepsTold()
  const note = (detail: string) => steps.note('build', 'debian', { state: 'running', detail })
  note('with debootstrap, of packages: not the official image')
  await runtime.makeDebian({ mirror, onLine: note, signal })
  steps.note('build', 'debian', { state: 'done', detail: null })
}

async function build({ cacheDir }: Config, runtime: DockerRuntime, signal: AbortSignal): Promise<void> {
  const { ensureArtifacts } = await import('#lib/artifacts/index.ts')
  const steps = stepsTold()
  const missing = await runtime.missingForAll()
  await ensureArtifacts(missing, { cacheDir, signal, onProgress: (p) => steps.noteArtifact(p) })
  await runtime.prepareAll((progress) => steps.notePreparation(progress), signal)
  for (const ref of await runtime.removeOldImages()) tell(`Removed ${ref}, of an earlier version`)
  tell('All images are there')
}

function stepsTold(): Steps {
  const teller = new StackTeller()
  const steps = new Steps(() => teller.tell({ steps: steps.list(), services: [] }))
  return steps
}
