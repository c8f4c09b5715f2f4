/** Sends kafkajs's own messages to the console's log, one level lower: it calls every lost connection an error. */
import { type logCreator, logLevel } from 'kafkajs'
import type { Logger } from 'pino'

const levels: Record<number, 'warn' | 'debug' | 'trace'> = {
  [logLevel.ERROR]: 'debug',
  [logLevel.WARN]: 'debug',
  [logLevel.INFO]: 'trace',
  [logLevel.DEBUG]: 'trace',
}

export const kafkaLog =
  (log: Logger): logCreator =>
  () =>
  ({ level, namespace, log: { message, timestamp: _, logger: __, ...fields } }) =>
    log[levels[level] ?? 'trace']({ namespace, ...fields }, message)
