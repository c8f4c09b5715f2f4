/** A longer line is cut into pieces, so that no log can fill the memory. */
const longestLine = 1_000_000

/** Splits what arrives into lines and keeps the incomplete rest. */
export class LineSplitter {
  #decoder = new TextDecoder()
  #rest = ''

  push(bytes: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n')
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length > longestLine) {
      lines.push(this.#rest)
      this.#rest = ''
    }
    return lines
  }

  end(): string[] {
    const rest = this.#rest + this.#decoder.decode()
    this.#rest = ''
    return rest === '' ? [] : [rest]
  }
}
