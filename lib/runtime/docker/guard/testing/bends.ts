/** For tests: requests for the guard, made by bending good ones and by chance. */
import * as fc from 'fast-check'
import { hostile } from './hostile.ts'
import { goodContainer, ids, type Sample, samples } from './samples.ts'
import { swarmIds } from './swarm-samples.ts'

export interface Bent {
  readonly method: string
  readonly url: string
  readonly body: unknown
  readonly archive: boolean
}

const search = (query: Sample['query']) =>
  Object.entries(query).map(
    ([key, value]) => `${key}=${encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value))}`,
  )

const straight = ({ method, path, query, body, archive }: Sample): Bent => ({
  ...{ method, body: structuredClone(body), archive: archive === true },
  url: [path, search(query).join('&')].filter(Boolean).join('?'),
})

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS', 'get']
const names = [
  'birds_foreign',
  'birds_console',
  'birds_far',
  'birds_bind',
  'host',
  'none',
  `container:${ids.foreign}`,
  'birds_default',
  '/',
  '/etc',
  '',
]
const roots =
  `containers images networks volumes exec swarm services secrets configs plugins nodes tasks system info auth commit session grpc
  distribution _ping version events build`.split(/\s+/)
const leaves =
  `json create start stop kill exec attach export archive prune load get push tag update rename top changes resize wait pause
  copy logs stats search history init leave unlock df ${ids.own} ${ids.foreign} ${ids.gate} alpine:3 birds_kafka`.split(
    /\s+/,
  )
/** Every object inside a body, so that a bend may fall anywhere. */
function objectsIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  if (value === null || typeof value !== 'object') return []
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(objectsIn)]
}

type Bend = (request: Bent) => Bent
const inBody =
  (change: (target: Record<string, unknown>) => void, place: number): Bend =>
  (request) => {
    const body = structuredClone(request.body ?? {})
    const places = objectsIn(body)
    const target = places[place % Math.max(1, places.length)]
    if (target !== undefined) change(target)
    return { ...request, body }
  }
/** The bad value where the key stands already: there it would take effect. */
const inPlace =
  (key: string, value: unknown): Bend =>
  (request) => {
    const body = structuredClone(request.body)
    for (const target of objectsIn(body)) if (key in target) target[key] = structuredClone(value)
    return { ...request, body }
  }
const inUrl =
  (change: (path: string, query: string) => string): Bend =>
  (request) => {
    const [path = '', query = ''] = request.url.split('?')
    return { ...request, url: change(path, query) }
  }
const swap =
  (from: RegExp, to: string): Bend =>
  (request) => ({ ...request, url: request.url.replace(from, to) })

const place = fc.nat(40)
const anyText = fc.oneof(fc.constantFrom(...names, ...leaves), fc.string({ maxLength: 12 }))
const inPlaces = Object.entries(hostile).filter(([key]) =>
  samples.some(({ body }) => objectsIn(body).some((each) => key in each)),
)
const creations = samples.filter(({ body }) => body !== undefined)
const bend: fc.Arbitrary<Bend> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...inPlaces).map(([key, value]) => inPlace(key, value)) },
  fc.constantFrom(...methods).map(
    (method): Bend =>
      (request) => ({ ...request, method }),
  ),
  fc.tuple(fc.constantFrom(...Object.entries(hostile)), place).map(([[key, value], at]) =>
    inBody((o) => {
      o[key] = structuredClone(value)
    }, at),
  ),
  fc.tuple(fc.constantFrom(...Object.entries(hostile)), place).map(([[key, value], at]) =>
    inBody((o) => {
      o[key.toLowerCase()] = value
    }, at),
  ),
  fc.tuple(anyText, fc.jsonValue(), place).map(([key, value, at]) =>
    inBody((o) => {
      o[key] = value
    }, at),
  ),
  fc.tuple(fc.nat(30), anyText, place).map(([nth, value, at]) =>
    inBody((o) => {
      const keys = Object.keys(o)
      const key = keys[nth % keys.length]
      if (key !== undefined) o[key] = value
    }, at),
  ),
  fc.tuple(fc.nat(30), place).map(([nth, at]) =>
    inBody((o) => {
      const keys = Object.keys(o)
      const key = keys[nth % keys.length]
      if (key !== undefined) delete o[key]
    }, at),
  ),
  fc
    .constantFrom(ids.foreign, ids.gate, swarmIds.foreignService, ids.own.slice(0, 12), '..', 'create', 'json', 'prune')
    .map((id) => swap(new RegExp([ids.own, swarmIds.service, swarmIds.secret].join('|')), id)),
  fc
    .tuple(fc.constantFrom('birds', 'aviary', 'kafka', 'conf', 'default'), anyText)
    .map(([from, to]) => swap(new RegExp(from), encodeURI(to))),
  fc
    .constantFrom(...leaves, '..', '%2e%2e', '', 'exec', '%00', 'JSON')
    .map((end) => inUrl((path, query) => `${path}/${end}?${query}`)),
  fc
    .constantFrom('/v1.41', '//', '/./', '/%2f', 'http://other', '/..')
    .map((start) => inUrl((path, query) => `${start}${path}?${query}`)),
  fc
    .tuple(
      fc.constantFrom(
        'remote',
        'networkmode',
        'v',
        'link',
        'all',
        'name',
        'filters',
        'path',
        'fromSrc',
        'changes',
        'session',
        'extrahosts',
        't',
        'platform',
      ),
      anyText,
    )
    .map(([key, value]) => inUrl((path, query) => `${path}?${query}&${key}=${encodeURIComponent(value)}`)),
  fc.nat(5).map((nth) =>
    inUrl(
      (path, query) =>
        `${path}?${query
          .split('&')
          .filter((_, i) => i !== nth)
          .join('&')}`,
    ),
  ),
  fc.constant<Bend>((request) => ({ ...request, archive: !request.archive })),
)

/** Good requests after up to three bends. */
export const bent = fc
  .tuple(
    fc.constantFrom(...samples, ...creations, ...creations, ...creations, ...creations),
    fc.array(bend, { maxLength: 3 }),
  )
  .map(([sample, bends]) => bends.reduce((request, change) => change(request), straight(sample)))
/** Requests from the words of the Docker API, by chance. */
export const random = fc.record({
  method: fc.constantFrom(...methods),
  url: fc
    .tuple(fc.constantFrom(...roots), fc.array(fc.constantFrom(...leaves), { maxLength: 3 }), fc.webQueryParameters())
    .map(([root, rest, query]) => `/${[root, ...rest].join('/')}?${query}`),
  body: fc.oneof(fc.constant(undefined), fc.constant(goodContainer), fc.jsonValue()),
  archive: fc.boolean(),
})
