/** For tests of the websocket: clients that speak the protocol's own packets. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'undici'
import { vi } from 'vitest'

/** A page: keeps every event it was sent. */
export class Page {
  readonly events: [name: string, payload: unknown][] = []
  readonly replies: unknown[] = []
  refused: string | null = null
  joined = false
  closed = false
  readonly #socket: WebSocket

  constructor(host: string, headers: Record<string, string>) {
    this.#socket = new WebSocket(`ws://${host}/socket.io/?EIO=4&transport=websocket`, { headers })
    this.#socket.addEventListener('message', ({ data }) => this.#read(String(data)))
    this.#socket.addEventListener('error', () => undefined)
    this.#socket.addEventListener('close', () => {
      this.closed = true
    })
  }

  #read(packet: string): void {
    if (packet.startsWith('0')) this.#socket.send('40')
    else if (packet.startsWith('40')) this.joined = true
    else if (packet.startsWith('44')) this.refused = (JSON.parse(packet.slice(2)) as { message: string }).message
    else if (packet.startsWith('42')) this.events.push(JSON.parse(packet.slice(2)) as [string, unknown])
    else if (packet.startsWith('43')) this.replies.push(...(JSON.parse(packet.replace(/^43\d+/, '')) as unknown[]))
  }

  /** Without a wish for an answer. */
  tell(...packet: unknown[]): void {
    this.#socket.send(`42${JSON.stringify(packet)}`)
  }

  send(name: string, ...args: unknown[]): void {
    this.#socket.send(`42${this.replies.length}${JSON.stringify([name, ...args])}`)
  }

  async ask(name: string, ...args: unknown[]): Promise<unknown> {
    const before = this.replies.length
    this.send(name, ...args)
    await vi.waitUntil(() => this.replies.length > before, 20_000)
    return this.replies[before]
  }

  names = () => this.events.map(([name]) => name)
  close = () => this.#socket.close()
}

/** A client's text frame; its mask of zeros changes nothing. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}

/** Sends more and more questions and reads no answer. */
export class DeafClient {
  readonly #line: Socket
  #flood: NodeJS.Timeout | null = null

  constructor(host: string) {
    const { hostname, port } = new URL(`http://${host}`)
    this.#line = connect(Number(port), hostname).on('error', () => undefined)
  }

  async join(headers: Record<string, string>): Promise<void> {
    const key = { 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }
    const asked = Object.entries({ ...headers, connection: 'Upgrade', upgrade: 'websocket', ...key })
    const lines = asked.map(([name, value]) => `${name}: ${value}\r\n`)
    this.#line.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${lines.join('')}\r\n`)
    await once(this.#line, 'data')
    this.#line.write(frame('40'))
  }

  flood(): void {
    this.#line.pause()
    const questions = Buffer.concat(Array(2_000).fill(frame('421["tap:open","nothing"]')))
    this.#flood = setInterval(() => this.#line.write(questions), 1)
  }

  close(): void {
    if (this.#flood !== null) clearInterval(this.#flood)
    this.#line.destroy()
  }
}
