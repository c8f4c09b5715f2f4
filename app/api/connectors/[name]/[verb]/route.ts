import { handle, oneOf } from '../../../handle.ts'

const verbs = ['restart', 'pause', 'resume'] as const

export const POST = handle(
  { role: 'operator', act: ({ verb }) => `connector.${verb}`, subject: ({ name }) => name ?? '' },
  async ({ console, params, request }) => {
    const verb = oneOf(verbs, params.verb, 'verb')
    await console.engines.connect[verb](params.name ?? '', request.signal)
  },
)
