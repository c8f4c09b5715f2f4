/** `compose`: writes the stack as a Compose file, and beside it the secrets and ports with which it is the console's own stack. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '#lib/config.ts'
import { tell } from './output.ts'

export function addComposeCommand(program: Command, config: () => Config): void {
  program
    .command('compose')
    .description('write docker/compose.yaml and docker/.env, with which docker-compose runs the stack')
    .action(() => writeCompose(config()))
}

async function writeCompose(config: Config): Promise<void> {
  // Loaded here, because most commands need none of it.
  const [{ composeFile, composeSettings, isOurs }, { serviceDefinitions }, { projectOf }, { writeAtomically }] =
    await Promise.all([
      import('#lib/runtime/docker/compose-file.ts'),
      import('#lib/engines/registry.ts'),
      import('#lib/stack/choice.ts'),
      import('#lib/runtime/process/conf.ts'),
    ])
  const dir = join(config.rootDir, 'docker')
  await writeFile(join(dir, 'compose.yaml'), await composeFile(serviceDefinitions))
  const settings = join(dir, '.env')
  const present = await readFile(settings, 'utf8').catch(() => null)
  if (present !== null && !isOurs(present)) {
    tell(`${settings} was not written by Aviary and is left as it is`)
    return
  }
  await writeAtomically(settings, composeSettings(config, projectOf(config)))
  tell(`Written: ${join(dir, 'compose.yaml')} and ${settings}. Then: docker-compose -f docker/compose.yaml up`)
}
