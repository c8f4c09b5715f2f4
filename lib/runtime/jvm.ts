import type { JvmSettings } from './definition.ts'

/**
 * C2 begins ten times later than by default: it would spend as much on a start as everything else together, and loops over many rows
 * reach it all the same.
 */
const lateC2 = [
  '-XX:Tier4InvocationThreshold=50000',
  '-XX:Tier4MinInvocationThreshold=6000',
  '-XX:Tier4CompileThreshold=150000',
  '-XX:Tier4BackEdgeThreshold=400000',
]

/** Flags of the JVM itself; they decide, with the class path, whether a start archive fits. */
export function jvmFlags({ heapMb, directMb, c1Only, jvmArgs }: JvmSettings): string[] {
  return [
    // Two cores and small heaps: one collector thread is the cheapest.
    '-XX:+UseSerialGC',
    '-XX:-UsePerfData',
    '-Xss512k',
    `-Xmx${heapMb}m`,
    ...(directMb === undefined ? [] : [`-XX:MaxDirectMemorySize=${directMb}m`]),
    ...(c1Only ? ['-XX:TieredStopAtLevel=1', '-XX:ReservedCodeCacheSize=64m'] : lateC2),
    // Out of memory means a restart, not a service that answers half of the time.
    '-XX:+ExitOnOutOfMemoryError',
    '-Duser.timezone=UTC',
    '-Dfile.encoding=UTF-8',
    ...jvmArgs,
  ]
}
