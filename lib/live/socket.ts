/** The websocket: facts go up to the pages, a few subscriptions come down. Every subscription is authorised by itself. */
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { Server, type Socket } from 'socket.io'
import type { Auth, Identity } from '#lib/auth/index.ts'
import type { TapFeed } from '#lib/messages/feed.ts'
import { Problem, toProblemBody } from '#lib/problem.ts'
import type { Ack, ClientToServer, ServerToClient, TapBatch, TapSource, TapState } from './events.ts'
import type { Hub } from './hub.ts'
import { Places } from './places.ts'
import { type Reply, Subscriptions } from './subscriptions.ts'

const limits = { all: 200, session: 40, strangers: 10 }
/** Facts that may wait for a slow page; what comes beyond is dropped, and counted. */
const maxWaiting = 16
/** Packets of any kind that may wait. Answers are never dropped, so a page that asks on without reading loses its line. */
const maxUnsent = 256
/** No command needs more. */
const maxPacketBytes = 16 * 1024
/** A page gets the whole overview this often at most; one that asks sooner gets it when this is over. */
const wholeEveryMs = 1_000

interface SocketData {
  identity: Identity
}
type Events = Record<string, never>
type LiveSocket = Socket<ClientToServer, ServerToClient, Events, SocketData>

export interface SocketParts {
  readonly auth: Auth
  readonly hub: Hub
  readonly feeds: Readonly<Record<TapSource, TapFeed>>
}

export interface Sockets {
  /** Pages connected, and packets that were dropped because a page was too slow. */
  figures(): { readonly open: number; readonly dropped: number }
  close(): Promise<void>
}

function headersOf(request: IncomingMessage): Headers {
  const pairs = Object.entries(request.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  )
  return new Headers(pairs)
}

/** What a caller may know of an error. */
const reasonOf = (error: unknown): string => toProblemBody(error).detail

/** Attaches to a server that serves the pages too. */
export function attachSockets(server: HttpServer, parts: SocketParts): Sockets {
  const { auth } = parts
  const places = new Places(limits)
  const io = new Server<ClientToServer, ServerToClient, Events, SocketData>(server, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: maxPacketBytes,
    allowRequest: (request, answer) => {
      admit(auth, places, request).then(
        () => answer(null, true),
        (error: unknown) => answer(reasonOf(error), false),
      )
    },
  })
  let dropped = 0
  io.use((socket, next) => {
    authorise(auth, socket).then(
      () => next(),
      (error: unknown) => {
        next(new Error(reasonOf(error)))
        // After the refusal is on its way: a stranger keeps no line.
        setImmediate(() => socket.conn.close())
      },
    )
  })
  io.on('connection', (socket) => serve(socket, parts, () => dropped++))
  const stopListening = auth.onEnd((sessionId) => {
    for (const socket of io.sockets.sockets.values()) {
      if (socket.data.identity.sessionId === sessionId) end(socket, 'This session has ended')
    }
  })
  return {
    figures: () => ({ open: io.sockets.sockets.size, dropped }),
    close: async () => {
      stopListening()
      await io.close()
    },
  }
}

/** Takes a place until the connection closes. Throws Problem 403, 421, 429. */
async function admit(auth: Auth, places: Places, request: IncomingMessage): Promise<void> {
  const connection = request.socket
  // Nobody else listens between the upgrade and the answer, and an error that nobody hears ends the process.
  connection.on('error', () => undefined)
  const headers = headersOf(request)
  auth.checkOrigin({ method: 'GET', headers })
  const identity = await auth.identify(headers)
  const session = identity === null ? null : (identity.sessionId ?? identity.who)
  if (connection.destroyed || !places.take(session)) throw new Problem(429, 'Too many pages are open')
  connection.once('close', () => places.leave(session))
}

async function authorise(auth: Auth, socket: LiveSocket): Promise<void> {
  const headers = headersOf(socket.request)
  socket.data.identity = await auth.authorise({ method: 'GET', headers }, 'viewer')
}

function end(socket: LiveSocket, reason: string): void {
  socket.emit('session:end', { reason })
  socket.disconnect(true)
}

const isAck = (value: unknown): value is Ack => typeof value === 'function'

/** Whatever a page sends, only its own line may end by it. */
const guard =
  (onFault: () => void) =>
  (work: (...sent: unknown[]) => void) =>
  (...sent: unknown[]): void => {
    try {
      work(...sent)
    } catch {
      onFault()
    }
  }

function serve(socket: LiveSocket, { auth, hub, feeds }: SocketParts, onDrop: () => void): void {
  const held = new Subscriptions(() => authorise(auth, socket))
  const whole = pacedWhole(socket, hub)
  const line = watchLine(socket, () => held.has('overview') && whole.send(), onDrop)
  const isSource = (value: unknown): value is TapSource => typeof value === 'string' && Object.hasOwn(feeds, value)
  const safely = guard(() => socket.disconnect(true))
  const answer = (ack: Ack, reply: Promise<Reply>) => void reply.then(ack).catch(() => socket.disconnect(true))

  const onSubscribe = (ack: unknown) => {
    if (!isAck(ack)) return
    // A page that has it asks again after a gap.
    if (held.has('overview')) whole.send()
    const start = () => {
      const stop = hub.subscribe((delta) => line.ready() && socket.emit('overview:delta', delta))
      whole.send()
      return () => {
        stop()
        whole.stop()
      }
    }
    answer(ack, held.hold('overview', start))
  }
  const onOpen = (source: unknown, ack: unknown) => {
    if (!isAck(ack)) return
    if (!isSource(source)) return ack({ ok: false, error: 'There is no such tap' })
    const viewer = {
      batch: (batch: TapBatch) => line.ready() && socket.emit('tap:batch', batch),
      state: (state: TapState) => socket.emit('tap:state', state),
    }
    answer(
      ack,
      held.hold(source, () => feeds[source].watch(viewer)),
    )
  }
  socket.on('overview:subscribe', safely(onSubscribe))
  socket.on('overview:unsubscribe', () => held.leave('overview'))
  socket.on('tap:open', safely(onOpen))
  socket.on(
    'tap:close',
    safely((source) => isSource(source) && held.leave(source)),
  )
  socket.on('disconnect', () => held.leaveAll())
}

/** Sends the whole overview, but not too often: it is by far the largest packet, and a page may ask for it as often as it likes. */
function pacedWhole(socket: LiveSocket, hub: Hub): { send(): void; stop(): void } {
  let sentAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  const send = () => {
    if (timer !== null) return
    const wait = sentAt + wholeEveryMs - performance.now()
    if (wait <= 0) {
      sentAt = performance.now()
      socket.emit('overview:whole', hub.whole())
      return
    }
    timer = setTimeout(() => {
      timer = null
      send()
    }, wait).unref()
  }
  const stop = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }
  return { send, stop }
}

/**
 * Knows whether a page keeps up. Once a page that was behind has caught up, `onCaughtUp` brings it the whole, because it has
 * missed deltas. A page with far too much unsent is disconnected.
 */
function watchLine(socket: LiveSocket, onCaughtUp: () => void, onDrop: () => void): { ready(): boolean } {
  let unsent = 0
  let behind = false
  socket.conn.on('packetCreate', () => {
    if (++unsent > maxUnsent) socket.conn.close(true)
  })
  socket.conn.on('drain', () => {
    unsent = 0
    if (!behind) return
    behind = false
    onCaughtUp()
  })
  return {
    ready() {
      if (unsent < maxWaiting) return true
      behind = true
      onDrop()
      return false
    },
  }
}
