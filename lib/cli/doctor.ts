/** `doctor`: what this machine lacks, before anything is started. */
import type { Command } from 'commander'
import type { Config } from '#lib/config.ts'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import { findConsole } from './client.ts'
import { CliError, exitCodes, print, printJson } from './output.ts'

export function addDoctorCommand(program: Command, config: () => Config): void {
  program
    .command('doctor')
    .description('look for what would keep the stack from starting')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const faults = await examine(config())
      if (json) printJson({ faults })
      else if (faults.length === 0) print('Nothing is missing')
      else for (const { subject, problem, remedy } of faults) print(`${subject}: ${problem}\n  ${remedy}`)
      if (faults.length > 0) throw new CliError(exitCodes.failed, `${faults.length} found`)
    })
}

/** What a start would look at, without starting; a console and services that run already need nothing. */
async function examine(config: Config): Promise<PreflightFault[]> {
  const [
    { consoleFaults, preflight },
    { chooseRuntime, createRuntime, siteOf },
    { externalServices, serviceDefinitions },
    { pino },
  ] = await Promise.all([
    import('#lib/stack/preflight.ts'),
    import('#lib/stack/choice.ts'),
    import('#lib/engines/registry.ts'),
    import('pino'),
  ])
  const log = pino({ enabled: false })
  const { kind } = await chooseRuntime(config, log)
  const runtime = await createRuntime(config, log, kind)
  try {
    const own = (await findConsole(config.homeDir)) === null ? await consoleFaults(config) : []
    const site = siteOf(config, kind)
    const parts = { services: serviceDefinitions(site), externals: externalServices(site) }
    return [...own, ...(await preflight({ config, runtime, ...parts }))]
  } finally {
    await runtime.close()
  }
}
