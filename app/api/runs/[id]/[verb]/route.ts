import { handle, oneOf } from '../../../handle.ts'
import { findRun } from '../../find.ts'

const verbs = ['pause', 'resume', 'stop'] as const

/** Answers with the run as it stands; the change itself comes by its progress. */
export const POST = handle(
  { role: 'operator', act: ({ verb }) => `run.${verb}`, subject: ({ id }) => id ?? '' },
  async ({ console, params }) => {
    const verb = oneOf(verbs, params.verb, 'verb')
    const { id } = findRun(console, params.id)
    await console.replays[verb](id)
    return findRun(console, id)
  },
)
