/** What a query may hold, as the rules of the guard put it together. */
import { z } from 'zod'
import type { Scope } from './scope.ts'

export const query = <T extends Record<string, z.ZodType>>(shape: T) =>
  z.strictObject(shape) as unknown as z.ZodType<Record<string, string>>
export const nothing = query({})

/** JSON inside a query parameter; what is sent is written anew from what was checked. */
export const json = (schema: z.ZodType) =>
  z.string().transform((text, context) => {
    try {
      const checked = schema.safeParse(JSON.parse(text))
      if (checked.success) return JSON.stringify(checked.data)
      context.addIssue({ code: 'custom', message: z.prettifyError(checked.error) })
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' })
    }
    return z.NEVER
  })

/** Filters of a list: always by our label, narrower if wanted. The engine takes several labels as "and". */
export function filters({ label }: Scope, more: Record<string, z.ZodType> = {}) {
  const labels = z
    .array(z.string())
    .refine((all) => all.includes(label), { error: `the label ${label} must be asked for` })
  return json(z.strictObject({ label: labels, ...more }))
}

export const texts = z.array(z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/)).optional()
