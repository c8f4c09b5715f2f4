/** Decides when a failed connector is worth another restart: at once, then ever later, and at once again after a good while. */
import type { ConnectorReport } from './states.ts'

const firstPauseMs = 5_000
const longestPauseMs = 60_000
/** Running for so long means that the last restart helped. */
const healedAfterMs = 60_000

interface Patient {
  attempts: number
  nextAt: number
  lastFailedAt: number
}

export class Healer {
  readonly #patients = new Map<string, Patient>()

  /** `restart` may throw EngineError; the attempt counts all the same. */
  async heal(
    connectors: readonly ConnectorReport[],
    restart: (name: string) => Promise<void>,
    now = Date.now(),
  ): Promise<string[]> {
    const restarted: string[] = []
    for (const connector of connectors) {
      if (!hasFailed(connector)) this.#forget(connector.name, now)
      else if (this.#isDue(connector.name, now)) {
        await restart(connector.name)
        restarted.push(connector.name)
      }
    }
    return restarted
  }

  #isDue(name: string, now: number): boolean {
    const patient = this.#patients.get(name) ?? { attempts: 0, nextAt: now, lastFailedAt: now }
    patient.lastFailedAt = now
    this.#patients.set(name, patient)
    if (now < patient.nextAt) return false
    patient.nextAt = now + Math.min(firstPauseMs * 2 ** patient.attempts, longestPauseMs)
    patient.attempts++
    return true
  }

  #forget(name: string, now: number): void {
    const patient = this.#patients.get(name)
    if (patient && now - patient.lastFailedAt > healedAfterMs) this.#patients.delete(name)
  }
}

function hasFailed({ state, tasks }: ConnectorReport): boolean {
  // A paused or stopped connector is left as somebody wanted it, whatever its tasks are.
  return state === 'FAILED' || (state === 'RUNNING' && tasks.some((task) => task.state === 'FAILED'))
}
