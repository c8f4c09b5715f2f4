/**
 * Stands between us and the Docker API, which is as good as root on its machine: what no rule allows does not reach the engine.
 * A request is taken apart, every part is checked, and what is sent is put together again from the checked parts alone, so that the
 * engine cannot read it differently from how it was judged.
 */
import { z } from 'zod'
import { type Admission, type OwnedKind, type Rule, rulesOf } from './rules.ts'
import { imageLabel, imageName, keptServices, ownImage, type Scope, serviceLabel } from './scope.ts'

export type { Scope } from './scope.ts'

/** A request as it would go over the wire. */
export interface EngineRequest {
  readonly method: string
  /** Path and query, undecoded. */
  readonly url: string
  /** JSON text; `stream` for a tar archive that follows; null for none. */
  readonly body: string | 'stream' | null
}

/** What may be sent instead of it. */
export interface AdmittedRequest {
  readonly method: string
  readonly path: string
  readonly body: string | 'stream' | null
}

/** A request that was not sent. `rule` names what it breaks. */
export class GuardError extends Error {
  readonly rule: string
  constructor(rule: string, message: string) {
    super(`Refused before it reached Docker (${rule}): ${message}`)
    this.name = 'GuardError'
    this.rule = rule
  }
}

/** Sends an admitted GET and resolves to the decoded answer. */
export type Ask = (path: string) => Promise<unknown>

/** How the engine is asked which objects carry our label: of others nothing is asked, so nothing of them comes back. */
const listings: Record<
  OwnedKind,
  { path: string; key: string | null; shape: z.ZodType<readonly unknown[]>; owned: OwnedShape }
> = {
  container: {
    path: '/containers/json',
    key: 'id',
    shape: z.array(z.unknown()),
    owned: (name) =>
      z.looseObject({
        Id: z.literal(name),
        Labels: z.looseObject({ [serviceLabel]: z.string().optional() }).refine(isNotKept),
      }),
  },
  network: {
    path: '/networks',
    key: 'name',
    shape: z.array(z.unknown()),
    owned: (name) => z.looseObject({ Name: z.literal(name), Driver: z.enum(['bridge', 'overlay']) }),
  },
  volume: {
    path: '/volumes',
    key: 'name',
    shape: z.looseObject({ Volumes: z.array(z.unknown()).nullable() }).transform((answer) => answer.Volumes ?? []),
    // A local volume with options can be a folder of the machine.
    owned: (name) =>
      z.looseObject({
        Name: z.literal(name),
        Driver: z.literal('local'),
        Options: z.strictObject({}).nullish(),
      }),
  },
  image: {
    path: '/images/json',
    key: 'reference',
    shape: z.array(z.unknown()),
    owned: (name) => z.looseObject({ RepoTags: z.array(z.string()).refine((tags) => tags.includes(name)) }),
  },
  // No list can be asked for an id.
  'image-id': {
    path: '/images/json',
    key: null,
    shape: z.array(z.unknown()),
    owned: (id) =>
      z.looseObject({
        Id: z.literal(id),
        RepoTags: z.array(z.string()).refine((tags) => tags.some((tag) => ownImage.safeParse(tag).success)),
      }),
  },
  service: {
    path: '/services',
    key: 'id',
    shape: z.array(z.unknown()),
    owned: (id) => z.looseObject({ ID: z.literal(id) }),
  },
  secret: {
    path: '/secrets',
    key: 'id',
    shape: z.array(z.unknown()),
    owned: (id) => z.looseObject({ ID: z.literal(id) }),
  },
}
const isNotKept = (labels: Readonly<Record<string, unknown>>) => !keptServices.includes(String(labels[serviceLabel]))
type OwnedShape = (name: string) => z.ZodType

export class Guard {
  readonly #scope: Scope
  readonly #rules: readonly Rule[]
  readonly #ask: Ask
  /** Containers keep id and labels for life, so one answer holds. */
  readonly #containers = new Set<string>()

  constructor(scope: Scope, ask: Ask) {
    this.#scope = scope
    this.#rules = rulesOf(scope)
    this.#ask = ask
  }

  /** Resolves to what may be sent. Rejects with GuardError, or with what `ask` rejects with when ownership cannot be asked. */
  async admit(request: EngineRequest): Promise<AdmittedRequest> {
    const { path, query } = takeApart(request.url)
    const matching = this.#rules.filter((rule) => rule.method === request.method && rule.path.test(path))
    // Pulling and importing an image differ by what they carry.
    const rule = matching.find(({ body }) => body !== 'tar' || request.body === 'stream') ?? matching[0]
    if (rule === undefined) throw new GuardError('method and path', `${request.method} ${path} is not on the list`)
    const checkedQuery = check(`${rule.name}: query`, rule.query, query)
    const body = this.#checkBody(rule, request.body)
    const subject = rule.path.exec(path)?.[1] ?? ''
    const admission: Admission = { subject, query: checkedQuery, body }
    for (const [kind, name] of rule.owned?.(admission) ?? []) await this.#requireOwned(rule, kind, name)
    if (rule.image) this.#requireImage(rule, subject)
    const search = new URLSearchParams(checkedQuery).toString()
    return {
      method: rule.method,
      path: search === '' ? path : `${path}?${search}`,
      body: body === null || body === 'stream' ? body : JSON.stringify(body),
    }
  }

  #checkBody(rule: Rule, body: EngineRequest['body']): unknown {
    if (rule.body === 'none' || rule.body === 'tar') {
      const expected = rule.body === 'tar' ? 'stream' : null
      if (body !== expected) throw new GuardError(`${rule.name}: body`, `it must be ${expected ?? 'empty'}`)
      return expected
    }
    if (body === null || body === 'stream') throw new GuardError(`${rule.name}: body`, 'it must be JSON')
    let parsed: unknown
    try {
      parsed = JSON.parse(body)
    } catch {
      throw new GuardError(`${rule.name}: body`, 'it is not JSON')
    }
    return check(`${rule.name}: body`, rule.body, parsed)
  }

  async #requireOwned(rule: Rule, kind: OwnedKind, name: string): Promise<void> {
    if (kind === 'container' && this.#containers.has(name)) return
    const { path, key, shape, owned } = listings[kind]
    // Images belong to no stack: all are made of the same.
    const label = kind.startsWith('image') ? imageLabel : this.#scope.label
    const filters = JSON.stringify({ ...(key === null ? {} : { [key]: [name] }), label: [label] })
    const query = new URLSearchParams(kind === 'container' ? { all: 'true', filters } : { filters })
    const listed = check(`${rule.name}: ownership`, shape, await this.#ask(`${path}?${query}`))
    if (!listed.some((item) => owned(name).safeParse(item).success))
      throw new GuardError(
        `${rule.name}: ownership`,
        `there is no ${kind} ${name} with the label ${label} that may be touched`,
      )
    if (kind === 'container') this.#containers.add(name)
  }

  #requireImage(rule: Rule, name: string): void {
    if (!imageName(this.#scope).safeParse(name).success)
      throw new GuardError(`${rule.name}: image`, `${name} is neither built by Aviary nor named in its settings`)
  }
}

/** Only plain characters: nothing that a server might decode or normalise to another path, and no key twice. */
function takeApart(url: string): { path: string; query: Record<string, string> } {
  const [path = '', search = '', ...more] = url.split('?')
  if (more.length > 0 || !/^(\/[A-Za-z0-9_][A-Za-z0-9_.:@-]*)+$/.test(path))
    throw new GuardError('path', `${JSON.stringify(path.slice(0, 120))} holds what no path of the list holds`)
  const query = new Map<string, string>()
  for (const [key, value] of new URLSearchParams(search)) {
    if (query.has(key)) throw new GuardError('query', `"${key}" is given twice`)
    query.set(key, value)
  }
  return { path, query: Object.fromEntries(query) }
}

function check<T>(rule: string, schema: z.ZodType<T>, value: unknown): T {
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  throw new GuardError(rule, z.prettifyError(checked.error).replaceAll('\n', ' '))
}
