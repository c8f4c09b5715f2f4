/** Runs the replay of one folder in this process until the run has ended or a signal tells it to leave. */
import { ConnectCheckpoint } from './checkpoint.ts'
import { RunFolder, type RunSetup } from './folder.ts'
import { Replayer } from './replayer.ts'

/** How long the start waits for Kafka Connect to tell the checkpoint; the last known one is safe too, only slower. */
const askMs = 2_000

/** The checkpoint to go on from. */
async function startingPoint(folder: RunFolder, setup: RunSetup): Promise<number> {
  const known = folder.readProgress()?.committed ?? -1
  if (folder.readProgress() === null || setup.checkpoint === 'puback') return known
  const checkpoint = new ConnectCheckpoint(setup, { committed: () => {}, trouble: () => {} })
  const timer = setTimeout(() => checkpoint.close(), askMs)
  const asked = await checkpoint.read()
  clearTimeout(timer)
  checkpoint.close()
  return Math.max(known, asked ?? -1)
}

export async function replay(path: string): Promise<void> {
  const folder = new RunFolder(path)
  const replayer = new Replayer(folder, await startingPoint(folder, folder.readSetup()))
  // A line that a full disk does not take is not worth a replay.
  process.stderr.on('error', () => {})
  process.on('SIGTERM', () => replayer.leave())
  process.on('SIGINT', () => replayer.leave())
  const over = replayer.run()
  const { readProcess } = await import('#lib/runtime/process/processes.ts')
  const self = await readProcess(process.pid)
  if (self !== null) folder.writeProcess({ pid: self.pid, identity: self.identity })
  await over
}
