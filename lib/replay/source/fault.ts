/** Places in a tweets file, and what can be wrong at them. */

/** Thrown where the window ends inside a value and more bytes may come. Never leaves `lib/replay/source`. */
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
  constructor(place: Place, message: string) {
    super(`line ${place.line}, column ${place.column}: ${message}`)
    this.name = 'FileFault'
    this.place = place
  }
}

/** A place at the start of an element from which another reader may go on. */
export interface Mark extends Place {
  readonly offset: number
  readonly index: number
  readonly inArray: boolean
}
