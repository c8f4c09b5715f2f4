import { realpath } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import type { Config } from '#lib/config.ts'
import { Problem } from '#lib/problem.ts'
import { realFolders, sampleDir } from '#lib/tweet-files.ts'
import { handle } from '../handle.ts'

/** No path is longer on Linux or macOS. */
const maxPathChars = 4_096
const Load = z.object({ dir: z.string().min(1).max(maxPathChars).optional(), tweets: z.boolean().optional() })

/** The tables and the last load, and `folders`: those that a browser may load from. */
export const GET = handle({ role: 'viewer' }, async ({ console: { statics } }) => ({
  ...statics.snapshot(),
  folders: await statics.folders(),
}))

/** 202 with the load that has begun; how it goes shows in the status. The sample where no folder is named. */
export const POST = handle(
  { role: 'operator', act: 'static.load', subject: (_, { dir }) => dir ?? 'the sample', body: Load },
  async ({ console: { config, statics }, body, who }) => {
    const dir = body.dir ?? sampleDir(config)
    if (!isAbsolute(dir)) throw new Problem(422, 'The folder must be named by its absolute path')
    const within = who.sessionId === null ? null : await allowed(config, dir)
    return Response.json(await statics.begin({ dir, tweets: body.tweets, within }), { status: 202 })
  },
)

/** Browsers may only load the folders they are shown; the command line belongs to the user whose files these are. */
async function allowed(config: Config, dir: string): Promise<string[]> {
  const folders = await realFolders(config)
  const real = await realpath(dir).catch(() => null)
  if (real !== null && folders.includes(real)) return folders
  const hint = 'Add it to AVIARY_DATA_DIRS, or load it with: aviary load-static DIR'
  throw new Problem(403, `${dir} is not among the folders that may be loaded from here`, { hint })
}
