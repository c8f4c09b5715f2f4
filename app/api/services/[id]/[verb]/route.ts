import { serviceIds } from '#lib/pipeline/stages.ts'
import { handle, inBackground, oneOf } from '../../../handle.ts'

const verbs = ['start', 'stop', 'restart'] as const

/** 202: what comes of it shows in the status. */
export const POST = handle(
  { role: 'operator', act: ({ verb }) => `service.${verb}`, subject: ({ id }) => id ?? '' },
  async ({ console, params }) => {
    const id = oneOf(serviceIds, params.id, 'service')
    const verb = oneOf(verbs, params.verb, 'verb')
    const { stack } = console
    stack.requireOwn([id])
    const act = {
      start: () => stack.startService(id),
      stop: () => stack.stopService(id),
      restart: () => stack.restartService(id),
    }
    return inBackground(console, `${verb} of ${id}`, act[verb]())
  },
)
