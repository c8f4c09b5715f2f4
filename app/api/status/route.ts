import { handle } from '../handle.ts'

export const GET = handle({ role: 'viewer' }, async ({ console }) => console.monitor.overview())
