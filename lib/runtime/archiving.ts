/** The first run of a JVM writes its start archive when it ends, later ones begin from it: what every runtime lets a shell do. */
import { quote, quoteAll } from './shell.ts'

/** Writing an archive takes seconds of a core, and at the first stop all services do it at once, on two slow cores in more than a minute. */
export const trainingGraceMs = 120_000

export interface ArchivingParts {
  readonly java: string
  readonly flags: readonly string[]
  readonly target: string
  /** Folder that exists while a run writes the archive. */
  readonly training: string
  /** Words of a shell that come after the flags. */
  readonly rest: string
}

/**
 * Shell text that turns into `java`, or stays as its parent, and passes signals on, only while this one run writes the archive for all
 * later ones. Codes 0, 2 and 143: ended by itself, by its parent's end, by SIGTERM.
 */
export function archivingScript({ java, flags, target, training, rest }: ArchivingParts): string {
  const command = quoteAll([java, ...flags])
  // In the background, so that the shell can hear signals; a shell would give it no standard input there, which Druid's peons read.
  return `archive=${quote(target)}
training=${quote(training)}
[ -f "$archive" ] && exec ${command} -XX:SharedArchiveFile="$archive" -Xshare:auto ${rest}
mkdir "$training" 2>/dev/null || exec ${command} ${rest}
exec 3<&0
${command} -XX:ArchiveClassesAtExit="$training/archive" ${rest} <&3 3<&- &
child=$!
trap 'kill -TERM $child 2>/dev/null' HUP INT TERM
wait $child
code=$?
while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
case $code in 0|2|143) mv -f "$training/archive" "$archive" ;; esac
rm -rf "$training"
exit $code
`
}

/** A shell program that stands in for `java` when a service starts children of its own. */
export const launcherScript = (parts: Omit<ArchivingParts, 'rest'>): string =>
  `#!/bin/sh\n${archivingScript({ ...parts, rest: '"$@"' })}`
