/** users1.json: an array (or lines) of profiles, one row each; of two with the same id the first counts. */
import type { Place } from '#lib/scan/fault.ts'
import type { JsonWindow } from '#lib/scan/json.ts'
import { type Cell, eachElement, type Read, requireMembers } from './reading.ts'
import { countOf, idOf, type Scalar, takeScalar } from './scalar.ts'

const counts = [
  'statuses_count',
  'total_retweet_count',
  'total_favorite_count',
  'total_hashtag_count',
  'total_mentions_count',
  'total_media_count',
] as const
const members = ['id', 'screen_name', 'location', 'verified', ...counts] as const
type Member = (typeof members)[number]

const isMember = (key: string): key is Member => (members as readonly string[]).includes(key)
const expected = `an array of {${members.map((m) => `"${m}": …`).join(', ')}}`

/** A missing location as pandas and as JSON write it; also as a text, in the real file. */
const nowhere = ['NaN', 'null']

export const readUsers: Read = (chunks, sink) => {
  const found = new Map<Member, Scalar>()
  const seen = new Set<string>()
  let place: Place = { line: 1, column: 1 }
  let isObject = false
  const scan = (window: JsonWindow) => {
    found.clear()
    place = window.place()
    isObject = window.peek('an object') === 0x7b
    if (isObject)
      window.members((key) => {
        if (isMember(key)) found.set(key, takeScalar(window))
        else window.value()
      })
    else window.value()
  }
  const take = (element: number) => {
    const spot = { ...place, element }
    if (element === 0)
      requireMembers(
        members.filter((m) => !found.has(m)),
        expected,
        spot,
      )
    const row = isObject ? rowOf(found) : { fault: 'it is not an object', found: null }
    if ('fault' in row) return sink.tally.reject(spot, row.fault, row.found)
    if (seen.has(row.id)) return sink.tally.reject(spot, 'the id has come before', row.id)
    seen.add(row.id)
    sink.tally.load()
    sink.row(row.cells)
  }
  return eachElement(chunks, { expected, one: 'a user', scan, take }, sink.tally)
}

interface Row {
  readonly id: string
  readonly cells: readonly Cell[]
}
interface Fault {
  readonly fault: string
  readonly found: string | null
}

function rowOf(found: ReadonlyMap<Member, Scalar>): Row | Fault {
  for (const member of members) if (!found.has(member)) return { fault: `"${member}" is missing`, found: null }
  const of = (member: Member) => found.get(member) as Scalar
  const wrong = (member: Member, reason: string) => ({ fault: reason, found: of(member).text })
  const id = idOf(of('id'))
  if (id === null) return wrong('id', 'the id is not a whole number')
  if (of('screen_name').kind !== 'string') return wrong('screen_name', '"screen_name" is not a text')
  const location = of('location')
  const isNowhere = location.kind === 'literal' ? nowhere.includes(location.text) : location.text === 'NaN'
  if (location.kind !== 'string' && !isNowhere) return wrong('location', '"location" is not a text')
  const verified = of('verified')
  if (verified.kind !== 'literal' || !['true', 'false'].includes(verified.text))
    return wrong('verified', '"verified" is neither true nor false')
  const bad = counts.find((member) => countOf(of(member)) === null)
  if (bad !== undefined) return wrong(bad, `"${bad}" is not a whole number from 0`)
  return {
    id,
    cells: [
      ...[id, of('screen_name').text, isNowhere ? null : location.text],
      verified.text === 'true',
      ...counts.map((member) => of(member).text),
    ],
  }
}
