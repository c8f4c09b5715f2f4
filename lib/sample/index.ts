/**
 * Data where the user has none: a sample in the exact shapes and with the quirks of the real files, and tweet files of any size.
 * In the flow: after `artifacts` has fetched the real texts, before `replay` reads the tweets and Hive the rest.
 */
export { buildSample, type SampleOptions, type SampleProgress } from './build.ts'
export { type GenerateOptions, generateTweets } from './generate.ts'
export { type Provenance, provenanceFile, readProvenance } from './provenance.ts'
export { type MbtiType, personalityId } from './users.ts'
