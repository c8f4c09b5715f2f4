/** All commands together. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { type Config, loadConfig } from '#lib/config.ts'
import { addBenchCommand } from './bench.ts'
import { addComposeCommand } from './compose.ts'
import { addDoctorCommand } from './doctor.ts'
import { addImagesCommand } from './images.ts'
import { CliError, exitCodes } from './output.ts'
import { addReplayCommands } from './replay.ts'
import { addSampleCommand } from './sample.ts'
import { addServiceCommands } from './services.ts'
import { addStaticCommand } from './static.ts'
import { addReadingCommands } from './status.ts'
import { addTestCommand } from './test.ts'
import { addTokenCommand } from './token.ts'
import { addStackCommands } from './up.ts'

const packageFile = join(import.meta.dirname, '..', '..', 'package.json')

/** They build or measure what a checkout holds. */
const needCheckout = ['images', 'compose', 'test', 'bench']

/** Settings are read when a command runs, so that help needs none. Wrong usage throws CommanderError. */
export function createProgram(config: () => Config = loadConfig): Command {
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }
  const program = new Command('aviary')
    .description('Runs a streaming pipeline (MQTT, Kafka Connect, Kafka, Druid) and the console in front of it.')
    .version(version)
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(--help shows what there is)')
  program.hook('preAction', (_, command) => {
    if (needCheckout.includes(command.name()) && config().inside)
      throw new CliError(
        exitCodes.usage,
        `This console is in a container, which has nothing to run \`${command.name()}\` with`,
        'Run it on the machine, in the checkout.',
      )
  })
  addStackCommands(program, config)
  addReadingCommands(program, config)
  addServiceCommands(program, config)
  addReplayCommands(program, config)
  addSampleCommand(program, config)
  addStaticCommand(program, config)
  addComposeCommand(program, config)
  addDoctorCommand(program, config)
  addImagesCommand(program, config)
  addTokenCommand(program, config)
  addTestCommand(program, config)
  addBenchCommand(program)
  return program
}
