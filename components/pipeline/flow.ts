/** How a wire shows what waits on it and what flows through it. Pure. */

/** One bird for each power of ten, at most five; none for an empty wire and for one that could not be asked. */
export const birdsWaiting = (backlog: number | null): number =>
  backlog === null || backlog < 1 ? 0 : Math.min(5, Math.floor(Math.log10(backlog)) + 1)

/** Few paces only: a pace that followed the rate exactly would restart the motion with every sample. */
export function flowPace(rate: number | null): 'still' | 'slow' | 'steady' | 'fast' {
  if (rate === null || rate <= 0) return 'still'
  if (rate < 10) return 'slow'
  return rate < 1_000 ? 'steady' : 'fast'
}
