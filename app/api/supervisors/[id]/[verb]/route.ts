import { handle, oneOf } from '../../../handle.ts'

const verbs = ['suspend', 'resume'] as const

export const POST = handle(
  { role: 'operator', act: ({ verb }) => `supervisor.${verb}`, subject: ({ id }) => id ?? '' },
  async ({ console, params, request }) => {
    const verb = oneOf(verbs, params.verb, 'verb')
    await console.engines.druid[verb](params.id ?? '', request.signal)
  },
)
