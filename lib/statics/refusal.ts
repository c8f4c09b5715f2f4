/** A file that is not loaded at all. The table stays as it was. */
export class FileRefusal extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'FileRefusal'
  }
}
