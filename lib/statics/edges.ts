/**
 * edges1.json: whom users follow and who follows them, as directed edges. `A follows B` and `B is followed by A` are the
 * same edge (A, B), and an edge is loaded once however often it is written.
 */
import type { Place } from '#lib/scan/fault.ts'
import type { JsonWindow } from '#lib/scan/json.ts'
import { eachElement, type Read, requireMembers, type Sink } from './reading.ts'
import { idOf, type Scalar, takeScalar } from './scalar.ts'

const lists = ['follows', 'is_followed_by'] as const
const members = ['id', ...lists] as const
const expected = 'an array of {"follows": […], "is_followed_by": […], "id": …}'

/** One id of a list, where it stands. */
interface Entry extends Place {
  readonly value: Scalar
}

/** One element, scanned. Reused for all. */
class Follower {
  place: Place = { line: 1, column: 1 }
  isObject = false
  id: Scalar | null = null
  readonly lists = new Map<string, readonly Entry[] | Scalar>()

  scan(window: JsonWindow): void {
    this.place = window.place()
    this.id = null
    this.lists.clear()
    this.isObject = window.peek('an object') === 0x7b
    if (!this.isObject) window.value()
    else
      window.members((key) => {
        if (key === 'id') this.id = takeScalar(window)
        else if (key === 'follows' || key === 'is_followed_by') this.lists.set(key, takeList(window))
        else window.value()
      })
  }

  get missing(): string[] {
    return members.filter((m) => (m === 'id' ? this.id === null : !this.lists.has(m)))
  }
}

/** An array of ids, one text of ids with commas between them, a single id, or nothing; anything else as it is. */
function takeList(window: JsonWindow): readonly Entry[] | Scalar {
  const place = window.place()
  if (window.peek('a list of ids') === 0x5b) {
    const entries: Entry[] = []
    window.items(() => void entries.push({ ...window.place(), value: takeScalar(window) }))
    return entries
  }
  const value = takeScalar(window)
  if (value.kind === 'number') return [{ ...place, value }]
  if (value.kind === 'literal' && ['null', 'NaN'].includes(value.text)) return []
  if (value.kind !== 'string') return value
  const texts = value.text.split(',').map((text) => text.trim())
  return texts.filter(Boolean).map((text) => ({ ...place, value: { kind: 'string', text } }))
}

const isList = (list: readonly Entry[] | Scalar | undefined): list is readonly Entry[] => Array.isArray(list)

export const readEdges: Read = (chunks, sink) => {
  const follower = new Follower()
  const seen = new Set<string>()
  const scan = (window: JsonWindow) => follower.scan(window)
  const take = (element: number) => {
    if (element === 0) requireMembers(follower.missing, expected, { ...follower.place, element })
    const id = follower.id && idOf(follower.id)
    const fault = faultOf(follower)
    if (id === null || fault !== null) return refuse(follower, fault ?? 'the id is missing', element, sink)
    for (const name of lists)
      for (const entry of follower.lists.get(name) as readonly Entry[]) {
        const other = idOf(entry.value)
        if (other === null) {
          const { line, column } = entry
          sink.tally.reject({ line, column, element }, `an id in "${name}" is not a whole number`, entry.value.text)
        } else takeEdge(name === 'follows' ? [id, other] : [other, id], seen, sink)
      }
  }
  return eachElement(chunks, { expected, one: 'a user with followers', scan, take }, sink.tally)
}

/** Null for an element whose entries can be taken. */
function faultOf(follower: Follower): string | null {
  if (!follower.isObject) return 'it is not an object'
  const [missing] = follower.missing
  if (missing !== undefined) return `"${missing}" is missing`
  if (follower.id && idOf(follower.id) === null) return 'the id is not a whole number'
  const wrong = lists.find((name) => !isList(follower.lists.get(name)))
  return wrong === undefined ? null : `"${wrong}" is not a list of ids`
}

/** All entries of an element that cannot be used are refused with it; an element without entries counts as one. */
function refuse(follower: Follower, reason: string, element: number, { tally }: Sink): void {
  const entries = [...follower.lists.values()].reduce((sum, list) => sum + (isList(list) ? list.length : 1), 0)
  const found = reason.startsWith('the id') ? (follower.id?.text ?? null) : null
  tally.reject({ ...follower.place, element }, reason, found, Math.max(1, entries))
}

function takeEdge(edge: readonly [string, string], seen: Set<string>, { tally, row }: Sink): void {
  const key = edge.join('>')
  if (seen.has(key)) tally.repeat()
  else {
    seen.add(key)
    tally.load(...edge)
    row(edge)
  }
}
