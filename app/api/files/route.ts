import { listTweetFiles } from '#lib/tweet-files.ts'
import { handle } from '../handle.ts'

export const GET = handle({ role: 'viewer' }, async ({ console: { config, log } }) =>
  listTweetFiles(config, (folder, error) => log.warn({ err: error, folder }, 'a folder of tweets cannot be read')),
)
