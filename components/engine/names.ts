import type { EngineId } from '#lib/pipeline/stages.ts'

/** Proper names, the same in every language. */
export const engineNames: Readonly<Record<EngineId, string>> = {
  mosquitto: 'Mosquitto',
  kafka: 'Kafka',
  connect: 'Kafka Connect',
  druid: 'Druid',
  hive: 'Hive',
  superset: 'Superset',
}
