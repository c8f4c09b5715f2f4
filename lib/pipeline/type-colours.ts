/** Sixteen types, four temperaments: a hue a temperament and four lightnesses in it, so that neighbours in a legend can be told apart. */
import { mbtiTypes } from './personality.ts'

const hues = { nt: 285, nf: 150, sj: 230, sp: 65 } as const
const lightness = { light: [0.4, 0.52, 0.64, 0.76], dark: [0.88, 0.77, 0.66, 0.55] } as const

const temperament = (type: string): keyof typeof hues =>
  type[1] === 'n' ? (type[2] === 't' ? 'nt' : 'nf') : type[3] === 'j' ? 'sj' : 'sp'

/** CSS colour of a type as the stream spells it; grey for a user without one. */
export function typeColour(type: string | null, theme: 'light' | 'dark'): string {
  const known: readonly string[] = mbtiTypes.filter(
    (other) => type !== null && temperament(other) === temperament(type),
  )
  const index = known.indexOf(type ?? '')
  if (type === null || index < 0) return theme === 'light' ? '#8a949b' : '#7f8a92'
  return toHex(lightness[theme][index] ?? 0.6, 0.11, hues[temperament(type)])
}

/** ECharts mixes colours itself and reads no oklch: the same colour in sRGB. Source of the matrices: https://bottosson.github.io/posts/oklab/ */
function toHex(l: number, chroma: number, hue: number): string {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3
  const linear = [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ]
  const channel = (value: number) => {
    const bounded = Math.min(1, Math.max(0, value))
    const gamma = bounded <= 0.0031308 ? 12.92 * bounded : 1.055 * bounded ** (1 / 2.4) - 0.055
    return Math.round(gamma * 255)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${linear.map(channel).join('')}`
}
