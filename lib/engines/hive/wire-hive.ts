/** A server on loopback that speaks as much of HiveServer2's protocol as tests need: SASL PLAIN, frames, thrift's binary protocol. */
import { createServer, type Server, type Socket } from 'node:net'

const types = { bool: 2, i32: 8, i64: 10, string: 11, struct: 12, list: 15 }
const strictReply = 0x80010002
const saslComplete = Buffer.from([5, 0, 0, 0, 0])

const i32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const i64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}
const binary = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([i32(bytes.length), bytes])
}
const field = (type: keyof typeof types, id: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([types[type], 0, id]), value])
const struct = (...fields: Buffer[]): Buffer => Buffer.concat([...fields, Buffer.from([0])])
const list = (type: keyof typeof types, items: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([types[type]]), i32(items.length), ...items])

const ok = field('struct', 1, struct(field('i32', 1, i32(0))))
const identifier = struct(field('string', 1, binary('guid')), field('string', 2, binary('secret')))
const operation = struct(field('struct', 1, identifier), field('i32', 2, i32(0)), field('bool', 3, Buffer.from([1])))

/** Bigint columns are 64-bit integers, others text; a null is NULL. */
export interface WireTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (bigint | string | null)[])[]
}

/** What happens to a statement: rows, an error text at once or while it runs, or nothing for ever. */
export type WireOutcome = WireTable | { readonly refused: string } | { readonly failed: string } | 'runs for ever'

export class WireHive {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #outcome: (statement: string) => WireOutcome
  /** Methods in the order in which they were called. */
  readonly calls: string[] = []
  /** Sessions opened so far. */
  sessions = 0

  constructor(outcome: (statement: string) => WireOutcome) {
    this.#outcome = outcome
    this.#server = createServer((socket) => this.#serve(socket))
  }

  async listen(): Promise<{ host: string; port: number }> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    return { host: '127.0.0.1', port: typeof address === 'object' && address !== null ? address.port : 0 }
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Sends bytes that nobody has asked for on every connection. */
  blurt(bytes: Buffer): void {
    for (const socket of this.#sockets) socket.write(bytes)
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.hangUp()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    const conversation = new Conversation(this.#outcome)
    let received = Buffer.alloc(0)
    let greeted = 0
    socket.on('data', (part: Buffer) => {
      received = Buffer.concat([received, part])
      for (;;) {
        // Two SASL messages with a status byte before their length, then frames.
        const head = greeted < 2 ? 5 : 4
        if (received.length < head) return
        const end = head + received.readInt32BE(head - 4)
        if (received.length < end) return
        const message = received.subarray(head, end)
        received = received.subarray(end)
        if (greeted < 2) {
          greeted += 1
          if (greeted === 2) socket.write(saslComplete)
          continue
        }
        const nameEnd = 8 + message.readInt32BE(4)
        const method = message.subarray(8, nameEnd).toString()
        this.calls.push(method)
        if (method === 'OpenSession') this.sessions += 1
        const answer = field('struct', 0, conversation.answer(method, message))
        const reply = Buffer.concat([i32(strictReply | 0), message.subarray(4, nameEnd + 4), struct(answer)])
        socket.write(Buffer.concat([i32(reply.length), reply]))
      }
    })
  }
}

/** What is asked and answered on one connection: one statement at a time. */
class Conversation {
  readonly #outcome: (statement: string) => WireOutcome
  #current: WireOutcome = 'runs for ever'
  #sent = 0

  constructor(outcome: (statement: string) => WireOutcome) {
    this.#outcome = outcome
  }

  answer(method: string, request: Buffer): Buffer {
    if (method === 'OpenSession')
      return struct(ok, field('i32', 2, i32(9)), field('struct', 3, struct(field('struct', 1, identifier))))
    if (method === 'ExecuteStatement') return this.#execute(textField(request, 2))
    if (method === 'GetOperationStatus') return this.#status()
    if (method === 'GetResultSetMetadata') return this.#schema()
    if (method === 'FetchResults') return this.#rows(longField(request, 3))
    if (method === 'GetSchemas') return struct(ok, field('struct', 2, operation))
    return struct(ok)
  }

  #execute(statement: string): Buffer {
    this.#current = this.#outcome(statement)
    this.#sent = 0
    if (typeof this.#current === 'object' && 'refused' in this.#current) {
      const status = struct(field('i32', 1, i32(3)), field('string', 5, binary(this.#current.refused)))
      return struct(field('struct', 1, status))
    }
    return struct(ok, field('struct', 2, operation))
  }

  #status(): Buffer {
    if (this.#current === 'runs for ever') return struct(ok, field('i32', 2, i32(1)))
    if ('failed' in this.#current)
      return struct(ok, field('i32', 2, i32(5)), field('string', 5, binary(this.#current.failed)))
    return struct(ok, field('i32', 2, i32(2)))
  }

  #schema(): Buffer {
    const type = struct(field('list', 1, list('struct', [])))
    const columns = this.#table().columns.map((name, at) =>
      struct(field('string', 1, binary(name)), field('struct', 2, type), field('i32', 3, i32(at + 1))),
    )
    return struct(ok, field('struct', 2, struct(field('list', 1, list('struct', columns)))))
  }

  #rows(most: number): Buffer {
    const { columns, rows } = this.#table()
    const page = rows.slice(this.#sent, this.#sent + most)
    this.#sent += page.length
    const wire = columns.map((_, at) => column(page.map((row) => row[at] ?? null)))
    const set = struct(
      field('i64', 1, i64(0n)),
      field('list', 2, list('struct', [])),
      field('list', 3, list('struct', wire)),
    )
    return struct(ok, field('bool', 2, Buffer.from([0])), field('struct', 3, set))
  }

  #table(): WireTable {
    return typeof this.#current === 'object' && 'rows' in this.#current ? this.#current : { columns: [], rows: [] }
  }
}

function column(values: readonly (bigint | string | null)[]): Buffer {
  const nulls = Buffer.alloc(Math.ceil(values.length / 8))
  values.forEach((value, at) => {
    if (value === null) nulls[at >> 3] = (nulls[at >> 3] ?? 0) | (1 << (at & 7))
  })
  const integers = values.some((value) => typeof value === 'bigint')
  const wire = integers
    ? list(
        'i64',
        values.map((value) => i64(typeof value === 'bigint' ? value : 0n)),
      )
    : list(
        'string',
        values.map((value) => binary(String(value ?? ''))),
      )
  return struct(field('struct', integers ? 5 : 7, struct(field('list', 1, wire), field('string', 2, binary(nulls)))))
}

/** The first text of that id in a request: good enough for requests whose other members are known. */
function textField(request: Buffer, id: number): string {
  // After the handle, which has texts of the same ids.
  const at = request.indexOf(Buffer.from([types.string, 0, id]), request.indexOf('secret'))
  const length = request.readInt32BE(at + 3)
  return request.subarray(at + 7, at + 7 + length).toString()
}

function longField(request: Buffer, id: number): number {
  const at = request.indexOf(Buffer.from([types.i64, 0, id]), request.indexOf('secret'))
  return Number(request.readBigInt64BE(at + 3))
}
