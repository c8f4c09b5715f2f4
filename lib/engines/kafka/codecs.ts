/** Teaches kafkajs the compressions that it lacks: one unreadable batch would stop the reading of its topic for good. */
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import kafkajs from 'kafkajs'
import { unpackLz4 } from './lz4.ts'
import { unpackSnappy } from './snappy.ts'

const { CompressionCodecs, CompressionTypes } = kafkajs
const unpackZstd = promisify(zstdDecompress)

const readOnly = (decompress: (packed: Buffer) => Promise<Buffer>) => () => ({
  decompress,
  compress: () => Promise.reject(new Error('nothing is written from here')),
})

/** Idempotent; for all clients of this process. */
export function addCodecs(): void {
  CompressionCodecs[CompressionTypes.LZ4] = readOnly(async (packed) => unpackLz4(packed))
  CompressionCodecs[CompressionTypes.Snappy] = readOnly(async (packed) => unpackSnappy(packed))
  CompressionCodecs[CompressionTypes.ZSTD] = readOnly((packed) => unpackZstd(packed))
}
