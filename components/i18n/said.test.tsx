import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogues, translateSaid } from './said.ts'

const lib = resolve(import.meta.dirname, '../../lib')
const isSource = (file: string) => file.endsWith('.ts') && !file.endsWith('test.ts') && !file.includes('generated')
const source = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter(isSource)
  .map((file) => readFileSync(join(lib, file), 'utf8'))
  .join('\n')

describe('what the server says', () => {
  it('is translated with its values, and sentences inside sentences', () => {
    expect(translateSaid('kafka is not ready yet', 'es')).toBe('kafka aún no está listo')
    expect(translateSaid('It runs, but the Overlord is not the leader yet.', 'es')).toBe(
      'Funciona, pero el Overlord aún no es el líder.',
    )
    expect(translateSaid('connect: kafka is not ready yet', 'es')).toBe('connect: kafka aún no está listo')
    expect(translateSaid('the Overlord is not the leader yet (/druid/x answers 404)', 'es')).toBe(
      'el Overlord aún no es el líder (/druid/x responde 404)',
    )
    expect(
      translateSaid('Kafka at 127.0.0.1:9092 does not answer (Connection error). Start the service kafka.', 'es'),
    ).toBe('Kafka at 127.0.0.1:9092 no responde (Connection error). Arranca el servicio kafka.')
  })

  it('stays as it came in English, and where the catalogue has no word for it', () => {
    expect(translateSaid('kafka is not ready yet', 'en')).toBe('kafka is not ready yet')
    expect(translateSaid('java.net.ConnectException', 'es')).toBe('java.net.ConnectException')
    expect(translateSaid('x'.repeat(5_000), 'es')).toHaveLength(5_000)
  })

  it.each(Object.entries(catalogues))(
    'has only sentences that the server still says, with the same holes: %s',
    (_, catalogue) => {
      const holes = (text: string) => [...text.matchAll(/\{\d\}/g)].map(String).toSorted()
      const stale = Object.keys(catalogue).filter((english) =>
        english
          .split(/\{\d\}/)
          .some((part) => part.length > 4 && !source.includes(part.replace(/^[.:)]* | ?[.:(]*\s?$/g, ''))),
      )
      expect(stale).toEqual([])
      expect(Object.entries(catalogue).filter(([a, b]) => String(holes(a)) !== String(holes(b)))).toEqual([])
    },
  )
})
