import { z } from 'zod'
import { Role } from '#lib/auth/roles.ts'
import { enterPath } from '#lib/auth/tokens.ts'
import { handle } from '../handle.ts'

const Ask = z.object({ role: Role.default('admin') })

/** A new one-time link. The token is shown here and never again; `path` is relative to wherever the console is reached. */
export const POST = handle(
  { role: 'admin', act: 'link.create', subject: (_, { role }) => role, body: Ask },
  async ({ console, body }) => {
    const { token, expiresAt } = await console.auth.createLink(body.role)
    return { role: body.role, path: enterPath(token), token, expiresAt }
  },
)
