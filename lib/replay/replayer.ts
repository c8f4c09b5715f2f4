/** One run from its beginning, or from where an earlier process left it, to its end. */
import type { RunProgress } from '#lib/pipeline/run.ts'
import { headers, topics } from '#lib/pipeline/stages.ts'
import { type Checkpoint, type CheckpointEvents, ConnectCheckpoint, PubackCheckpoint } from './checkpoint.ts'
import { Confirmation } from './confirmation.ts'
import { Feed } from './feed.ts'
import { type Control, type RunFolder, type RunSetup, stampOf } from './folder.ts'
import { Journal } from './journal.ts'
import { Publisher } from './mqtt/publisher.ts'
import { Rejects, Report } from './report.ts'
import { Reserve } from './reserve.ts'
import { ScheduleChoice } from './schedule-choice.ts'
import { Sender } from './sender.ts'
import { createSource, type Source } from './source/index.ts'
import { type Ending, standingOf } from './standing.ts'

/** Progress is written, and the control file looked at, this often. */
const tickMs = 250
/** How long a stopped run waits for its last messages to be confirmed. */
const stopGraceMs = 10_000
/** How long a process that was told to leave waits for acknowledgements. */
const leaveGraceMs = 1_000

export class Replayer {
  readonly #folder: RunFolder
  readonly #setup: RunSetup
  readonly #report: Report
  readonly #rejects: Rejects
  readonly #source: Source
  readonly #journal: Journal
  readonly #reserve: Reserve
  readonly #feed: Feed
  readonly #choice: ScheduleChoice
  readonly #publisher: Publisher
  readonly #checkpoint: Checkpoint
  readonly #confirmation: Confirmation
  readonly #sender: Sender
  #control: Control
  #stamp: string | null = null
  #seekDone: number
  #trouble: string | null = null
  #ending: Ending | null = null
  #begun = false
  #left = false
  /** Ends the process; the last word is written first, unless the run is another process's now. */
  #over: (lastWord: 'ending' | 'leaving' | null) => void = () => {}

  /** `committed` is the checkpoint to go on from; -1 at the beginning. Throws where the file cannot be read. */
  constructor(folder: RunFolder, committed: number) {
    const setup = folder.readSetup()
    const { options, checkpoint } = setup
    const earlier = folder.readProgress()
    const control = folder.readControl()
    if (control === null) throw new Error(`${folder.file('control.json')} is missing`)
    this.#folder = folder
    this.#setup = setup
    this.#control = control
    this.#report = new Report(setup, earlier)
    this.#rejects = new Rejects(earlier)
    this.#choice = new ScheduleChoice(control.schedule, this.#report.sound)
    const needsTime = () => this.#choice.needsTime
    const loop = () => this.#feed.loop
    this.#source = createSource({ ...options, loop, needsTime, scratch: folder.path }, (reject) => {
      this.#feed.rejected++
      this.#rejects.add(reject)
    })
    this.#journal = Journal.open(folder.file('positions'), options)
    this.#reserve = new Reserve(folder.file('reserved'), this.#journal.empty)
    this.#seekDone = this.#journal.seeks
    this.#feed = new Feed(this.#source, this.#journal)
    this.#publisher = this.#createPublisher(committed)
    const events: CheckpointEvents = {
      committed: (seq) => this.#committed(seq),
      trouble: (reason) => {
        this.#confirmation.trouble = reason
      },
    }
    this.#checkpoint = checkpoint === 'puback' ? new PubackCheckpoint(events) : new ConnectCheckpoint(setup, events)
    const fail = (reason: string) => this.#end('failed', reason, 0)
    this.#confirmation = new Confirmation(this.#publisher, this.#checkpoint, fail)
    const { seed } = options
    const { sentBefore } = this.#report
    const sending = { choice: this.#choice, seed, sentBefore, reserve: this.#reserve }
    this.#sender = new Sender(this.#feed, this.#publisher, this.#confirmation, sending, fail)
  }

  #createPublisher(committed: number): Publisher {
    const { mqtt, id, maxUnconfirmed } = this.#setup
    const sentBefore = this.#report.sentBefore
    return new Publisher(
      { ...mqtt, topic: topics.tweets, runId: id, headers, maxUnconfirmed, committed, sentBefore },
      {
        progress: () => this.#moved(),
        trouble: (reason) => {
          this.#trouble = reason
        },
        fatal: (reason) => this.#end('failed', reason, 0),
        // The run is the other's now, its files too.
        replaced: () => {
          this.#left = true
          this.#sender.stop()
          this.#over(null)
        },
      },
    )
  }

  /** Resolves when the run has ended, or when `leave` was called; progress.json says which. */
  async run(): Promise<void> {
    const over = new Promise<'ending' | 'leaving' | null>((resolve) => {
      this.#over = resolve
    })
    this.#publisher.connect()
    this.#obey()
    const ticker = setInterval(() => this.#tick(), tickMs)
    this.#begin().catch((error) => this.#end('failed', error instanceof Error ? error.message : String(error), 0))
    const lastWord = await over
    clearInterval(ticker)
    await this.#report.writing
    if (lastWord !== null) this.#folder.writeProgress(this.#compose(lastWord === 'ending'))
    this.#checkpoint.close()
    await this.#publisher.close()
    await this.#source.close()
    this.#journal.close()
    this.#reserve.close()
  }

  async #begin(): Promise<void> {
    const { file } = this.#setup.options
    if (stampOf(file) !== this.#setup.fileStamp)
      throw new Error(`${file} has changed since the run began, so its messages cannot be told apart. Start a new run.`)
    await this.#feed.begin(this.#publisher.outbox.next)
    this.#begun = true
    this.#sender.begin()
    this.#confirmation.start(() => this.#sender.exhausted)
    this.#moved()
  }

  /** Stops sending and ends the process soon; the run itself goes on when it is started again. */
  leave(): void {
    if (this.#left) return
    this.#left = true
    this.#sender.stop()
    const until = performance.now() + leaveGraceMs
    const check = () => {
      const { outbox, connected } = this.#publisher
      if (outbox.inFlight > 0 && connected && performance.now() < until) setTimeout(check, 10)
      else this.#over('leaving')
    }
    check()
  }

  #committed(seq: number): void {
    if (seq >= this.#publisher.outbox.committed) this.#sender.bound(seq, this.#setup.maxUnconfirmed)
    this.#confirmation.committed(seq)
    this.#moved()
  }

  /** Something was acknowledged, committed or connected. */
  #moved(): void {
    if (!this.#begun) return
    this.#checkpoint.acknowledged(this.#publisher.outbox.ackedThrough)
    this.#sender.pump()
    this.#judge()
  }

  #tick(): void {
    this.#obey()
    this.#confirmation.tick()
    this.#moved()
    this.#judge()
    if (!this.#left) this.#report.write(this.#folder, () => this.#compose(false))
  }

  /** Does what control.json wants, when it has changed. */
  #obey(): void {
    const stamp = this.#folder.stamp('control.json')
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    const before = this.#control
    this.#control = this.#folder.readControl() ?? before
    const { state, schedule, bounds, seek } = this.#control
    if (JSON.stringify(schedule) !== JSON.stringify(before.schedule)) {
      this.#choice.ask(schedule)
      this.#sender.rescheduled()
    }
    if (bounds !== undefined) this.#sender.bounds = bounds
    if (seek !== null && seek.version > this.#seekDone) {
      this.#seekDone = seek.version
      this.#sender.seek(seek)
    }
    this.#sender.paused = state === 'paused'
    if (state === 'stopped') this.#end('stopped', null, stopGraceMs)
  }

  /** Is it at its end? */
  #judge(): void {
    const { fileFault, exhausted } = this.#sender
    const { outbox, connected } = this.#publisher
    // A seek or other bounds may revive a run that only waited for the checkpoint.
    if (!exhausted && this.#ending?.until === Number.POSITIVE_INFINITY) this.#ending = null
    if (exhausted && this.#ending === null)
      this.#end(fileFault === null ? 'finished' : 'failed', fileFault?.message ?? null, Number.POSITIVE_INFINITY)
    if (this.#ending === null || this.#left) return
    const late = performance.now() > this.#ending.until || (this.#ending.state === 'stopped' && !connected)
    // What is committed may still wait for its PUBACK.
    const waiting = outbox.unconfirmed > 0 || (connected && outbox.inFlight > 0)
    if (waiting && !late) return
    this.#left = true
    this.#over('ending')
  }

  #end(state: Ending['state'], reason: string | null, graceMs: number): void {
    const before = this.#ending
    if (before !== null && before.until !== Number.POSITIVE_INFINITY) return
    // A file that broke off stays the reason of a run that is stopped while its last messages are confirmed.
    const why = before?.state === 'failed' ? before : { state, reason }
    this.#ending = { state: why.state, reason: why.reason, until: performance.now() + graceMs }
    if (graceMs !== Number.POSITIVE_INFINITY) this.#sender.stop()
  }

  /** `over`: this is the last word about the run. */
  #compose(over: boolean): RunProgress {
    return this.#report.compose({
      ...standingOf({
        ending: this.#ending,
        over,
        paused: this.#control.state === 'paused',
        begun: this.#begun,
        trouble: this.#trouble,
        publisher: this.#publisher,
        confirmation: this.#confirmation,
        refusal: this.#choice.refusal,
      }),
      schedule: this.#choice.known,
      bounds: this.#feed.boundsAt(this.#publisher.outbox.next),
      left: this.#sender.left,
      ended: over,
      exhausted: this.#sender.exhausted,
      rejected: this.#feed.rejected,
      rejects: this.#rejects,
      publisher: this.#publisher,
      source: this.#source,
    })
  }
}
