/** What a caller may do. Each role may do everything that the ones before it may. */
import { z } from 'zod'

export const roles = ['viewer', 'operator', 'admin'] as const
/** `viewer` looks, `operator` starts, stops, replays and restarts, `admin` lets others in and deletes data. */
export const Role = z.enum(roles)
export type Role = z.infer<typeof Role>

export const allows = (role: Role, needed: Role): boolean => roles.indexOf(role) >= roles.indexOf(needed)
