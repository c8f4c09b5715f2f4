import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { RunOptions } from '#lib/pipeline/run.ts'
import { Problem } from '#lib/problem.ts'
import { resolveListed } from '#lib/tweet-files.ts'
import { handle } from '../handle.ts'
import { listRuns } from './find.ts'

/** No path is longer on Linux or macOS. */
const maxPathChars = 4_096
const Start = RunOptions.extend({ file: z.string().min(1).max(maxPathChars) })

export const GET = handle({ role: 'viewer' }, async ({ console }) => listRuns(console))

/** Browsers may only replay the files they are shown; the command line belongs to the user whose files these are. */
export const POST = handle(
  { role: 'operator', act: 'run.start', subject: (_, { file }) => file, body: Start },
  async ({ console, body, who }) => {
    if (!isAbsolute(body.file)) throw new Problem(422, 'The file must be named by its absolute path')
    const file = who.sessionId === null ? body.file : await resolveListed(console.config, body.file)
    if (file === null) {
      const hint = 'Put it into a folder of AVIARY_DATA_DIRS, or start the replay with: aviary replay start FILE'
      throw new Problem(403, `${body.file} is not among the files that may be replayed from here`, { hint })
    }
    return Response.json(await console.replays.start({ ...body, file }), { status: 201 })
  },
)
