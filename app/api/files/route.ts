import { listTweetFiles } from '#lib/tweet-files.ts'
import { handle } from '../handle.ts'

export const GET = handle({ role: 'viewer' }, async ({ console }) => listTweetFiles(console.config))
