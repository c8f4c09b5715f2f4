import { describe, expect, it } from 'vitest'
import { type PastQuery, readHistory, remembered } from './history.ts'

const query = (sql: string, engine: PastQuery['engine'] = 'druid'): PastQuery => ({ engine, sql })

describe('the history of queries', () => {
  it('has the newest first, each once, and forgets the oldest', () => {
    const many = Array.from({ length: 25 }, (_, i) => query(`SELECT ${i}`))
    const history = many.reduce<readonly PastQuery[]>(remembered, [])
    expect(history).toHaveLength(20)
    expect(history[0]).toEqual(query('SELECT 24'))
    const again = remembered(history, query('SELECT 10'))
    expect(again.slice(0, 2)).toEqual([query('SELECT 10'), query('SELECT 24')])
    expect(again).toHaveLength(20)
    expect(remembered(again, query('SELECT 10', 'hive'))[1]).toEqual(query('SELECT 10'))
  })

  it('survives whatever the storage holds', () => {
    expect(readHistory(JSON.stringify([query('a'), { engine: 'x', sql: 'b' }, null, 3]))).toEqual([query('a')])
    for (const text of [null, '', '{', '{}', 'null', '7']) expect(readHistory(text)).toEqual([])
  })
})
