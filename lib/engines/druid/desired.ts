/**
 * The wanted supervisor: reads the topic `tweets` into the datasource of the same name, one row a message.
 * Reference: https://druid.apache.org/docs/33.0.0/ingestion/kafka-ingestion. Kafka's partition and offset stay NULL as
 * columns in Druid 33, so a row's place in its run is `run_id` and `seq`.
 */
import { datasource, headers, topics } from '#lib/pipeline/stages.ts'

const header = (name: string) => `"hdr.${name}"`

/** Ids exact at any size: as text, from a parser that keeps integers; a missing one stays NULL instead of "null". */
const userIdAsText = {
  type: 'jq',
  name: 'user_id',
  expr: '.user_id|if . == null then null else tostring end',
}

const inputFormat = {
  type: 'kafka',
  valueFormat: { type: 'json', flattenSpec: { useFieldDiscovery: true, fields: [userIdAsText] } },
  headerFormat: { type: 'string', encoding: 'UTF-8' },
  headerColumnPrefix: 'hdr.',
  keyFormat: { type: 'tsv', columns: ['k'] },
  keyColumnName: 'kafka_key',
  timestampColumnName: 'kafka_ts',
  topicColumnName: 'kafka_topic',
}

const dataSchema = {
  dataSource: datasource,
  // Kafka's time is always there and valid; a message with a bad timestamp of its own must not become an unread one.
  timestampSpec: { column: 'kafka_ts', format: 'millis' },
  transformSpec: {
    transforms: [
      { type: 'expression', name: '__time', expression: `nvl(timestamp_parse("timestamp", null, 'UTC'), "__time")` },
      { type: 'expression', name: 'run_id', expression: header(headers.runId) },
      { type: 'expression', name: 'seq', expression: `cast(${header(headers.seq)}, 'LONG')` },
      { type: 'expression', name: 'sent_at', expression: `cast(${header(headers.sentAt)}, 'LONG')` },
    ],
  },
  dimensionsSpec: {
    dimensions: [
      { type: 'string', name: 'user_id' },
      // Nobody looks a text up by equality.
      { type: 'string', name: 'tweet', createBitmapIndex: false },
      { type: 'string', name: 'run_id' },
      { type: 'long', name: 'seq' },
      { type: 'long', name: 'sent_at' },
      { type: 'long', name: 'kafka_ts' },
      { type: 'string', name: 'kafka_key' },
      { type: 'string', name: 'kafka_topic' },
    ],
  },
  granularitySpec: { type: 'uniform', segmentGranularity: 'DAY', queryGranularity: { type: 'none' }, rollup: false },
}

/** `bootstrapServers`: where Druid finds Kafka; `client`: settings of Kafka's clients beyond that, no secret of ours among them. */
export const supervisorSpec = (bootstrapServers: string, client: Readonly<Record<string, unknown>> = {}) => ({
  type: 'kafka',
  spec: {
    dataSchema,
    ioConfig: {
      topic: topics.tweets,
      inputFormat,
      // Aborted transactions of the connector must never become rows, whatever else is wished.
      consumerProperties: { 'bootstrap.servers': bootstrapServers, ...client, 'isolation.level': 'read_committed' },
      taskCount: 1,
      replicas: 1,
      taskDuration: 'PT1H',
      startDelay: 'PT1S',
      period: 'PT5S',
      useEarliestOffset: true,
      completionTimeout: 'PT5M',
    },
    tuningConfig: {
      type: 'kafka',
      maxRowsInMemory: 50_000,
      maxBytesInMemory: 32_000_000,
      intermediatePersistPeriod: 'PT1M',
      maxRowsPerSegment: 1_000_000,
      offsetFetchPeriod: 'PT5S',
      workerThreads: 1,
      logParseExceptions: true,
    },
  },
})
