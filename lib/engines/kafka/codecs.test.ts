import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { expect, test } from 'vitest'
import { addCodecs } from './codecs.ts'
import { unpackLz4 } from './lz4.ts'
import { unpackSnappy } from './snappy.ts'

/** More than one block of either format, with matches that overlap themselves. */
const text = Array.from({ length: 9000 }, (_, i) => `tweet ${i % 7}${i % 1000 === 0 ? ` büho ${i}` : ''}\n`).join('')

// Packed by lz4-java and snappy-java, the libraries of Kafka's own clients.
const lz4 =
  'BCJNGGBAgqYBAADyAXR3ZWV0IDAgYsO8aG8gMAoQABMxCAATMggAEzMIABM0CAATNQgAEzYIAA84AP//////////////////////' +
  '//////////////////8VA0gfNDEwMBMfBAgAD1Mf/////////////////////////////////////////z0DSx8WMksfD24+////' +
  '/////////////////////////////////////x0Pfl0VA0sfFjNLHw/BXf////////////////////////////////////////8l' +
  'D1MfDQNLHxY0Sx8PFH3/////////////////////////////////////////LQ9THwUDSx8WNUsfD2ec////////////////////' +
  '/////////////////////zUMUx8DSx8WNksfD7q7/////////////////////////////////////////z0EUx8DSx8WN0sfD7q7' +
  '/////////////////////////////////////////z0DSx8TNksfFjhLHw8N2///////f1BldCAzCkYAAACCdHdlZXQgNAoIABM1' +
  'CAATNggAEzAIABMxCAATMggAEzMIAA84AP////////////////////////////////9jUGV0IDQKAAAAAA=='
const snappy =
  'glNOQVBQWQAAAAABAAAAAQAABlSAgAI8dHdlZXQgMCBiw7xobyAwCgkQADENCAAyDQgAMw0IADQNCAA1DQgANg0I/jgA/jgA/jgA' +
  '/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA' +
  '/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA' +
  '/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA' +
  '/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA' +
  '/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgA/jgAFTgaSB8IMTAwHhMf' +
  'EQj+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+' +
  'Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+' +
  'Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+' +
  'Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+' +
  'Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/+Ux/C' +
  'Ux8aSx8AMiZLH/5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5u' +
  'Pv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5u' +
  'Pv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5u' +
  'Pv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5u' +
  'Pv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5uPv5u' +
  'Pv5uPv5uPkJuPp5+XRpLHwAzJksf/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd' +
  '/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd' +
  '/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd' +
  '/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd' +
  '/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd/sFd' +
  '/sFd/sFd/sFd/sFd/sFd/sFdYsFdflMfGksfADQmSx/+FH3+FH3+FH3+FH3+FH3+FH3+FH3+FH3+FH3+FH32FH0AAAZdgIACKHQg' +
  'MQp0d2VldCAyDQgAMw0IADQNCAA1DQgANg0IADANCP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44' +
  'AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44' +
  'AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44' +
  'AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44' +
  'AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AP44AO44AAU4JCBi' +
  'w7xobyA1MDAeUxz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+' +
  'exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+' +
  'exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+' +
  'exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+' +
  'exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exyiexwawzj+cBz+cBz+cBz+cBz+cBz+cBz+' +
  'cBz+cBz+cBz+cBz+cBwicBwaSx8ANiZLH/7jAv7jAv7jAv7jAv7jAv7jAv7jAv7jAv7jAv7jAv7jAkLjAq2z/tgC/tgC/tgC/tgC' +
  '/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC' +
  '/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC' +
  '/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC' +
  '/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC' +
  '/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgCgtgCGksfADcmSx/+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+' +
  'exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+' +
  'exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+' +
  'exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+' +
  'exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+exz+' +
  'exyiexwa4zj+cBz+cBz+cBz+cBz+cBz+cBz+cBz+cBz+cBz+cBz+cBwicBwaSx8AOCZLH/7jAv7jAv7jAv7jAv7jAv7jAv7jAv7j' +
  'Av7jAv7jAv7jAkLjAq2z/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC/tgC5tgCAAABV6AzHHR3ZWV0IDQKCQgANQ0IADYNCAAw' +
  'DQgAMQ0IADINCAAzDQj+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+' +
  'OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+' +
  'OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+' +
  'OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+OAD+' +
  'OAD+OAD+OAD+OAD+OAD+OACGOAA='

const bytes = (base64: string) => Buffer.from(base64, 'base64')

test('LZ4 frames of Kafka clients are unpacked to the last byte', () => {
  expect(unpackLz4(bytes(lz4)).toString('utf8')).toBe(text)
})

test('Snappy is unpacked to the last byte, framed as Java clients do and bare', () => {
  const framed = bytes(snappy)
  expect(unpackSnappy(framed).toString('utf8')).toBe(text)
  const first = framed.subarray(20, 20 + framed.readUInt32BE(16))
  const bare = unpackSnappy(first)
  expect(bare.length).toBeGreaterThan(0)
  expect(bare.equals(Buffer.from(text).subarray(0, bare.length))).toBe(true)
})

test('damaged data are refused, never read beyond and never unpacked without bound', () => {
  for (const [unpack, whole] of [
    [unpackLz4, bytes(lz4)],
    [unpackSnappy, bytes(snappy)],
  ] as const)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(whole)
        damaged[at] = (damaged[at] ?? 0) ^ change
        try {
          unpack(damaged)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  expect(() => unpackLz4(bytes(lz4).subarray(0, 100))).toThrow(RangeError)
  expect(() => unpackSnappy(bytes(snappy).subarray(0, 100))).toThrow(RangeError)
})

test('kafkajs knows every compression of Kafka', async () => {
  addCodecs()
  const { CompressionCodecs, CompressionTypes } = kafkajs
  const packed = await promisify(zstdCompress)(Buffer.from(text))
  for (const [type, data] of [
    [CompressionTypes.LZ4, bytes(lz4)],
    [CompressionTypes.Snappy, bytes(snappy)],
    [CompressionTypes.ZSTD, packed],
  ] as const) {
    const unpacked: Buffer = await CompressionCodecs[type]().decompress(data)
    expect(unpacked.toString('utf8')).toBe(text)
  }
})
