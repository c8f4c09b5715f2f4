/** The disk of an engine that is full: how that shows, and what is told of it. */
import { statfs } from 'node:fs/promises'
import type Docker from 'dockerode'
import { z } from 'zod'

/** In the words of the engine, of programs in a build, and of apt, which looks before it writes. */
const signs = /no space left on device|ENOSPC|not enough space|have enough free space/i

export const tellsFullDisk = (said: string): boolean => signs.test(said)

export const makeRoom =
  'Make room: docker system prune removes what nobody uses, aviary down --purge the data of this stack. Then start again.'

const Info = z.looseObject({ DockerRootDir: z.string() })

/** How much is free where the engine keeps its data, as the end of a sentence; empty where this machine does not see that folder. */
export async function freeOnEngine(docker: Docker): Promise<string> {
  try {
    const { DockerRootDir: dir } = Info.parse(await docker.info())
    const { bavail, bsize } = await statfs(dir)
    return `; without what was under way ${Math.round((bavail * bsize) / 1_000_000)} MB are free in ${dir}`
  } catch {
    return ''
  }
}
