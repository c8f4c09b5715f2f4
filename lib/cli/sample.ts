/** `sample`: builds tweets to replay where the user has none. */
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { ArtifactProgress } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import { Steps } from '#lib/stack/steps.ts'
import { sampleDir } from '#lib/tweet-files.ts'
import { CliError, exitCodes, megabytes, printJson, tell } from './output.ts'
import { wholeNumber } from './values.ts'
import { StackTeller } from './watch.ts'

interface SampleCommand {
  readonly users?: number
  readonly tweets?: number
  readonly out?: string
  readonly json?: boolean
}

export const tweetsName = 'tweets.json'
const everyMs = 2_000

export function addSampleCommand(program: Command, config: () => Config): void {
  program
    .command('sample')
    .description('build a sample: real public tweets, synthetic users')
    .option('--users <n>', 'how many users', wholeNumber)
    .option('--tweets <n>', 'tweets of each user on average', wholeNumber)
    .option('--out <dir>', 'folder to write into')
    .option('--json', 'print JSON')
    .action(async ({ users, tweets, out, json }: SampleCommand) => {
      const dir = out === undefined ? sampleDir(config()) : resolve(out)
      const provenance = await build(config(), dir, { users, tweetsPerUser: tweets })
      if (json) printJson({ dir, ...provenance })
      else tell(`${provenance.tweets} tweets of ${provenance.users} users are in ${dir}`)
    })
}

/** Path of the sample's tweets; builds the sample when there is none. */
export async function ensureSample(config: Config, signal?: AbortSignal): Promise<string> {
  const { readProvenance } = await import('#lib/sample/index.ts')
  const dir = sampleDir(config)
  if ((await readProvenance(dir)) === null) await build(config, dir, { signal })
  return join(dir, tweetsName)
}

/** Tells a fetch the way `up` does, and nothing where nothing had to be fetched. */
function fetchTeller(): (progress: ArtifactProgress) => void {
  const teller = new StackTeller()
  const steps = new Steps(() => teller.tell({ steps: steps.list(), services: [] }))
  return (progress) => {
    const fetches = progress.phase !== 'checking' && (progress.phase !== 'ready' || steps.list().length > 0)
    if (fetches) steps.noteArtifact(progress)
  }
}

async function build(
  config: Config,
  outDir: string,
  sizes: { users?: number; tweetsPerUser?: number; signal?: AbortSignal },
) {
  // Loaded here, because most commands need neither.
  const [{ ensureArtifact }, { buildSample }] = await Promise.all([
    import('#lib/artifacts/index.ts'),
    import('#lib/sample/index.ts'),
  ])
  const { cacheDir } = config
  const textDir = await ensureArtifact('tweets-text', { cacheDir, signal: sizes.signal, onProgress: fetchTeller() })
  let told = Date.now()
  try {
    return await buildSample({
      ...sizes,
      textDir,
      outDir,
      onProgress: ({ doneTweets, totalTweets, doneBytes }) => {
        if (Date.now() - told < everyMs) return
        told = Date.now()
        tell(`building the sample: ${doneTweets} of ${totalTweets} tweets, ${megabytes(doneBytes)}`)
      },
    })
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(exitCodes.usage, error.message)
    throw error
  }
}
