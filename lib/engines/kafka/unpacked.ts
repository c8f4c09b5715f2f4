/** Room for what is unpacked, bounded: a few bytes may pretend to hold gigabytes. */

const largest = 256 * 1024 * 1024

/** A buffer with the first `used` bytes of `out` and room for `more`. Throws RangeError beyond what a batch can hold. */
export function grow(out: Buffer, used: number, more: number): Buffer {
  if (used + more <= out.length) return out
  if (used + more > largest) throw new RangeError(`a packed batch holds more than ${largest} bytes`)
  const larger = Buffer.allocUnsafe(Math.min(Math.max(out.length * 2, used + more), largest))
  out.copy(larger, 0, 0, used)
  return larger
}
