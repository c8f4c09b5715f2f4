import { Schedule } from '#lib/pipeline/run.ts'
import { handle } from '../../../handle.ts'
import { findRun } from '../../find.ts'

export const POST = handle(
  {
    role: 'operator',
    act: 'run.schedule',
    subject: ({ id }, schedule) => `${id} ${JSON.stringify(schedule)}`,
    body: Schedule,
  },
  async ({ console, params, body }) => {
    const { id } = findRun(console, params.id)
    await console.replays.setSchedule(id, body)
    return findRun(console, id)
  },
)
