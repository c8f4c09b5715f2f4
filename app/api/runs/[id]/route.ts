import { handle } from '../../handle.ts'
import { findRun } from '../find.ts'

export const GET = handle({ role: 'viewer' }, async ({ console, params }) => findRun(console, params.id))
