/** Tweets out of files: the first stage of a replay. */
import { ScatteredSource } from './scattered.ts'
import { SequentialSource } from './sequential.ts'
import type { OnReject, Source, SourceOptions } from './source.ts'

export { FileFault } from '#lib/scan/fault.ts'
export { TweetReader } from './reader.ts'
export type { Mark, Position, RawTweet, Source } from './source.ts'

/** Throws where the file cannot be read; its tweets are read from `open` on. */
export const createSource = (options: SourceOptions, onReject: OnReject): Source =>
  options.mode === 'sequential' ? new SequentialSource(options, onReject) : new ScatteredSource(options, onReject)
