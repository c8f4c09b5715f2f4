/** When each message of a schedule is due: pure arithmetic on elapsed time, so that nothing can drift. */
import type { Schedule } from '#lib/pipeline/run.ts'
import { draw } from './random.ts'

/**
 * Gives the time at which the next message is due, in ms since the schedule began; called once for each message, in
 * order. `fileTime` is the tweet's own time. Never decreases. `max` is always due.
 */
export type Timeline = (fileTime: number | null) => number

/** How much busier than the mean noon is, and quieter the night. */
const swing = 0.9

/**
 * Messages due `seconds` after a diurnal schedule began: the integral of a rate that goes up and down around
 * `perSecond` once a day. The day begins in the morning, at the mean rate.
 */
export function diurnalCount(seconds: number, perSecond: number, daySeconds: number): number {
  const turn = (2 * Math.PI) / daySeconds
  return perSecond * (seconds + (swing / turn) * (1 - Math.cos(turn * seconds)))
}

function diurnalDue(count: number, perSecond: number, daySeconds: number): number {
  // The swing adds between nothing and swing × day / π to the even pace, which brackets the answer.
  let high = count / perSecond
  let low = Math.max(0, high - (swing * daySeconds) / Math.PI)
  for (let n = 0; n < 60 && high - low > 1e-7; n++) {
    const middle = (low + high) / 2
    if (diurnalCount(middle, perSecond, daySeconds) < count) low = middle
    else high = middle
  }
  return high
}

function poisson(perSecond: number, seed: number): Timeline {
  let due = 0
  let n = 0
  return () => {
    // draw() can be 0 but never 1, so the logarithm is finite.
    due -= (Math.log(1 - draw(seed, n++)) / perSecond) * 1000
    return due
  }
}

function fileTime(speed: number): Timeline {
  let first: number | null = null
  let due = 0
  return (time) => {
    if (time !== null) {
      first ??= time
      // Files are not always in order, and a new pass begins again: time never goes back.
      if ((time - first) / speed < due - 1) first = time - due * speed
      due = Math.max(due, (time - first) / speed)
    }
    return due
  }
}

/** Even steps: message n is due n / perSecond after the beginning, the first one at once. */
function even(perSecond: number): Timeline {
  let n = 0
  return () => (n++ / perSecond) * 1000
}

/** A schedule from its beginning; `seed` fixes its chance. */
export function timeline(schedule: Schedule, seed: number): Timeline {
  switch (schedule.kind) {
    case 'max':
      return () => 0
    case 'interval':
      return even(1 / schedule.seconds)
    case 'rate':
      return even(schedule.perSecond)
    case 'poisson':
      return poisson(schedule.perSecond, seed)
    case 'burst': {
      let n = 0
      return () => Math.floor(n++ / schedule.size) * schedule.everySeconds * 1000
    }
    case 'diurnal': {
      let n = 0
      return () => diurnalDue(n++, schedule.perSecond, schedule.daySeconds) * 1000
    }
    case 'file-time':
      return fileTime(schedule.speed)
  }
}
