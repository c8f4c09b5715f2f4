/** What the containers of one stack are told from those of others by. */
import { createHash } from 'node:crypto'
import type { Config } from '#lib/config.ts'

/** Each home has a project of its own, so that two stacks of one engine do not touch each other. */
export const projectOf = ({ homeDir, project }: Pick<Config, 'homeDir' | 'project'>): string =>
  project ?? `aviary-${createHash('sha256').update(homeDir).digest('hex').slice(0, 8)}`
