/** The real texts: 4,200 public tweets with the mean sentiment that people gave each. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tweetsFile } from '#lib/artifacts/index.ts'
import { permutation, seededRandom } from './random.ts'

export interface RealText {
  text: string
  /** Mean of human ratings, −4 (worst) to 4 (best). */
  sentiment: number
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

/** Decodes HTML entities once: `&amp;lt;` becomes `&lt;`. Unknown ones stay as they are. */
export function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,5}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

/** Reads the table of the artifact `tweets-text`. Throws with file and line when it has another shape. */
export async function readTexts(textDir: string): Promise<RealText[]> {
  const file = join(textDir, tweetsFile)
  const lines = (await readFile(file, 'utf8')).split(/\r?\n/)
  return lines.flatMap((line, index) => {
    if (line === '') return []
    const [, sentiment = '', ...rest] = line.split('\t')
    const text = decodeEntities(rest.join('\t')).trim()
    if (text === '' || Number.isNaN(Number.parseFloat(sentiment)))
      throw new Error(`${file} line ${index + 1} is not "id, sentiment, text"; fetch the artifact tweets-text again`)
    return [{ text, sentiment: Number.parseFloat(sentiment) }]
  })
}

/** Text as a JSON string of ASCII characters only, as Python writes it. */
export function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Every index below `count` once in seeded order, then again in another order, without end. */
export function* endlessOrder(count: number, seed: number): Generator<number, never> {
  for (let round = 0; ; round += 1) yield* permutation(seededRandom(seed, `texts ${round}`), count)
}
