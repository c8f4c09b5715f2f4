/**
 * `compose`: writes the stack as a Compose file, beside it the secrets and ports with which it is the console's own stack, and the settings
 * of the console in a container.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '#lib/config.ts'
import { tell } from './output.ts'

export function addComposeCommand(program: Command, config: () => Config): void {
  program
    .command('compose')
    .description(
      'write docker/compose.yaml and the settings (.env) with which docker-compose runs the stack, or the console',
    )
    .action(() => writeCompose(config()))
}

async function writeCompose(config: Config): Promise<void> {
  // Loaded here, because most commands need none of it.
  const [
    { composeFile, composeSettings, isOurs },
    { consoleSettings },
    { serviceDefinitions },
    { projectOf },
    { writeAtomically },
  ] = await Promise.all([
    import('#lib/runtime/docker/compose/index.ts'),
    import('#lib/runtime/docker/compose/console-settings.ts'),
    import('#lib/engines/registry.ts'),
    import('#lib/stack/project.ts'),
    import('#lib/runtime/process/conf.ts'),
  ])
  const dir = join(config.rootDir, 'docker')
  await writeFile(join(dir, 'compose.yaml'), await composeFile(serviceDefinitions))
  const project = projectOf(config)
  const write = async (settings: string, text: string, then: string) => {
    const present = await readFile(settings, 'utf8').catch(() => null)
    if (present !== null && !isOurs(present)) return tell(`${settings} was not written by Aviary and is left as it is`)
    await writeAtomically(settings, text)
    tell(`Written: ${settings}. Then: ${then}`)
  }
  tell(`Written: ${join(dir, 'compose.yaml')}`)
  await write(join(dir, '.env'), composeSettings(config, project), 'docker-compose -f docker/compose.yaml up')
  const inside = await consoleSettings(config, project)
  await write(join(dir, 'console/.env'), inside, 'docker-compose -f docker/console/compose.yaml up (the console too)')
}
