/** What a machine lacks to run services as processes. */
import type { Config } from '#lib/config.ts'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { ServiceDefinition } from '../definition.ts'
import { findJava, oldestJava } from './java.ts'

export async function javaFaults(config: Config, services: readonly ServiceDefinition[]): Promise<PreflightFault[]> {
  if (!services.some(({ program }) => program.kind === 'java')) return []
  const java = await findJava(config)
  if (java !== null && java.major >= oldestJava) return []
  return [
    {
      subject: 'Java',
      problem: java === null ? 'No Java was found.' : `${java.command} is Java ${java.version}.`,
      remedy: `Install Java ${oldestJava} or newer (Debian: apt-get install openjdk-17-jdk-headless), or point JAVA_HOME at one.`,
    },
  ]
}
