/**
 * The Debian that all images begin with. Where no image registry is reached, it is made of packages from a Debian mirror, by debootstrap,
 * and named as ours: nobody takes it for the official one.
 */
import type Docker from 'dockerode'
import { hasStatus } from '../errors.ts'

export const release = 'bookworm'
export const ownDebian = `aviary/debian:${release}`

export const offlineBaseHint =
  'Check the network of the Docker engine, or make the base of Debian packages: aviary images --offline-base'

/** Whether the engine has an image. Throws when that cannot be asked. */
export async function imageThere(docker: Docker, ref: string): Promise<boolean> {
  try {
    await docker.getImage(ref).inspect()
    return true
  } catch (error) {
    if (hasStatus(error, 404)) return false
    throw error
  }
}

/** The official image where it is there, else our own where that is; else the official one, which the build then fetches. */
export async function chooseDebian(docker: Docker, official: string): Promise<string> {
  if (await imageThere(docker, official)) return official
  return (await imageThere(docker, ownDebian)) ? ownDebian : official
}
