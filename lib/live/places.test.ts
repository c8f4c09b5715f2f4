import { describe, expect, it } from 'vitest'
import { Places } from './places.ts'

describe('places', () => {
  const places = () => new Places({ all: 3, session: 2, strangers: 1 })
  const take = (of: Places, ...sessions: (string | null)[]) => sessions.map((session) => of.take(session))

  it('are few for one session, and bounded for all together', () => {
    expect(take(places(), 'a', 'a', 'a', 'b', 'c')).toEqual([true, true, false, true, false])
  })

  it('of strangers are counted apart', () => {
    expect(take(places(), null, null, 'a', 'a', 'b')).toEqual([true, false, true, true, true])
  })

  it('are free again when they are left', () => {
    const few = places()
    take(few, 'a', 'a', null)
    few.leave('a')
    few.leave(null)
    expect(take(few, 'a', null)).toEqual([true, true])
  })
})
