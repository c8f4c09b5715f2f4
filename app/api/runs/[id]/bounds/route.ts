import { BoundsChange } from '#lib/pipeline/run.ts'
import { handle } from '../../../handle.ts'
import { findRun } from '../../find.ts'

export const POST = handle(
  {
    role: 'operator',
    act: 'run.bounds',
    subject: ({ id }, bounds) => `${id} ${JSON.stringify(bounds)}`,
    body: BoundsChange,
  },
  async ({ console, params, body }) => {
    const { id } = findRun(console, params.id)
    await console.replays.setBounds(id, body)
    return findRun(console, id)
  },
)
