/** `doctor`: what this machine lacks, before anything is started. */
import type { Command } from 'commander'
import type { Config } from '#lib/config.ts'
import { CliError, exitCodes, print, printJson } from './output.ts'

export function addDoctorCommand(program: Command, config: () => Config): void {
  program
    .command('doctor')
    .description('look for what would keep the stack from starting')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { missingTools } = await import('#lib/artifacts/index.ts')
      const faults = (await missingTools(config().cacheDir)).map(({ tool, why, install }) => ({
        subject: tool,
        problem: `is missing: ${why}`,
        remedy: install,
      }))
      if (json) printJson({ faults })
      else if (faults.length === 0) print('Nothing is missing')
      else for (const { subject, problem, remedy } of faults) print(`${subject} ${problem}\n  ${remedy}`)
      if (faults.length > 0) throw new CliError(exitCodes.failed, `${faults.length} found`)
    })
}
