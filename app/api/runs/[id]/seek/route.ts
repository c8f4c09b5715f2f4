import { z } from 'zod'
import { handle } from '../../../handle.ts'
import { findRun } from '../../find.ts'

/** 0-based position among the file's tweets. */
const Seek = z.object({ index: z.number().int().min(0) })

export const POST = handle(
  { role: 'operator', act: 'run.seek', subject: ({ id }, { index }) => `${id} to ${index}`, body: Seek },
  async ({ console, params, body }) => {
    const { id } = findRun(console, params.id)
    await console.replays.seek(id, body.index)
    return findRun(console, id)
  },
)
