/** The words of this folder: what can be fetched, how far it is, and what can go wrong. */

export const artifactIds = ['mosquitto', 'kafka', 'druid', 'connector', 'hive', 'superset', 'tweets-text'] as const
export type ArtifactId = (typeof artifactIds)[number]

/** Sizes in bytes. `totalBytes` is 0 where it is not known before the end (a build). */
export interface ArtifactProgress {
  artifact: ArtifactId
  phase: 'checking' | 'downloading' | 'building' | 'verifying' | 'ready'
  /** File now at work, without its folder. */
  file: string | null
  doneBytes: number
  totalBytes: number
  /** Null while there is nothing yet to estimate from. */
  remainingSeconds: number | null
}

export interface ArtifactOptions {
  /** Shared by all checkouts; one folder for each artifact and version is made in it. */
  cacheDir: string
  /** Called at most some ten times a second for each artifact. */
  onProgress?: (progress: ArtifactProgress) => void
  /** Stops the clients that are running and leaves what they have for the next attempt. */
  signal?: AbortSignal
}

export type ArtifactErrorCode = 'missing-tool' | 'checksum' | 'download' | 'build'

/** Why an artifact is not there. `file` is the file at fault, `hint` the next action for a person. */
export class ArtifactError extends Error {
  readonly code: ArtifactErrorCode
  readonly file?: string
  readonly hint: string

  constructor(code: ArtifactErrorCode, message: string, options: { hint: string; file?: string; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.name = 'ArtifactError'
    this.code = code
    this.hint = options.hint
    if (options.file !== undefined) this.file = options.file
  }
}

/** What every way of making an artifact is handed. */
export interface MakeContext {
  artifact: ArtifactId
  /** Identity of what is to be made, as in Place. */
  key: string
  cacheDir: string
  /** Kept after a failure or an interruption, so that the next attempt goes on from it. */
  workDir: string
  /** Empty; becomes the artifact's folder once everything in it is verified. */
  outDir: string
  report: (progress: Omit<ArtifactProgress, 'artifact'>) => void
  signal: AbortSignal
}
