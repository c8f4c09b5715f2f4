/** Places in a file, and what can be wrong at them. */

/** Thrown where the window ends inside a value and more bytes may come. Caught by whoever pushes the bytes. */
export const incomplete = Symbol('incomplete')

/** A place in the file: 1-based line and column, the column in characters (code points). */
export interface Place {
  readonly line: number
  readonly column: number
}

/** The bytes are not JSON. `ended` tells a file that stops too early from a wrong one. */
export class JsonFault extends Error {
  readonly place: Place
  readonly ended: boolean
  constructor(place: Place, ended: boolean, message: string) {
    super(message)
    this.name = 'JsonFault'
    this.place = place
    this.ended = ended
  }
}

/** The file cannot be read beyond this place. */
export class FileFault extends Error {
  readonly place: Place
  /** What is wrong, without the place. */
  readonly reason: string
  constructor(place: Place, reason: string) {
    super(`line ${place.line}, column ${place.column}: ${reason}`)
    this.name = 'FileFault'
    this.place = place
    this.reason = reason
  }
}
