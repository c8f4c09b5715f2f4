/** `token`: another one-time link into the console. */
import { type Command, Option } from 'commander'
import { type Role, roles } from '#lib/auth/roles.ts'
import type { Config } from '#lib/config.ts'
import { type Client, connect } from './client.ts'
import { print, printJson } from './output.ts'

interface Link {
  readonly role: Role
  /** Relative to the console's address. */
  readonly path: string
  readonly expiresAt: number
}

export async function enterUrl(client: Client, role: Role): Promise<string> {
  const { path } = await client.post<Link>('/api/links', { role })
  return client.address + path
}

export function addTokenCommand(program: Command, config: () => Config): void {
  program
    .command('token')
    .description('print a link that lets a browser in, once within 24 hours')
    .addOption(new Option('--role <role>', 'what its holder may do').choices(roles).default('admin'))
    .option('--json', 'print JSON')
    .action(async ({ role, json }: { role: Role; json?: boolean }) => {
      const client = await connect(config().homeDir)
      const link = await client.post<Link>('/api/links', { role })
      const url = client.address + link.path
      if (json) printJson({ url, role, expiresAt: link.expiresAt })
      else print(url)
    })
}
