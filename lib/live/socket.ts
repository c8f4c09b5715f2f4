/** The websocket: facts go up to the pages, a few subscriptions come down. Every event is authorised by itself. */
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { Server, type Socket } from 'socket.io'
import type { Auth, Identity } from '#lib/auth/index.ts'
import type { TapFeed } from '#lib/messages/feed.ts'
import type { Ack, ClientToServer, ServerToClient, TapSource } from './events.ts'
import type { Hub } from './hub.ts'

const maxSockets = 200
/** Packets that may wait for a slow page; what comes beyond is dropped, and counted. */
const maxWaiting = 16
/** No command needs more. */
const maxPacketBytes = 16 * 1024

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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Attaches to a server that serves the pages too. */
export function attachSockets(server: HttpServer, parts: SocketParts): Sockets {
  const { auth } = parts
  const io = new Server<ClientToServer, ServerToClient, Events, SocketData>(server, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: maxPacketBytes,
    allowRequest: (request, answer) => {
      try {
        auth.checkOrigin({ method: 'GET', headers: headersOf(request) })
        answer(null, true)
      } catch (error) {
        answer(messageOf(error), false)
      }
    },
  })
  let dropped = 0
  io.use((socket, next) => {
    if (io.engine.clientsCount > maxSockets) return next(new Error('Too many pages are open'))
    authorise(auth, socket).then(() => next(), next)
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

async function authorise(auth: Auth, socket: LiveSocket): Promise<void> {
  const headers = headersOf(socket.request)
  socket.data.identity = await auth.authorise({ method: 'GET', headers }, 'viewer')
}

function end(socket: LiveSocket, reason: string): void {
  socket.emit('session:end', { reason })
  socket.disconnect(true)
}

function serve(socket: LiveSocket, { auth, hub, feeds }: SocketParts, onDrop: () => void): void {
  const wanted = new Set<string>()
  const leaves = new Map<string, () => void>()
  const leave = (name: string) => {
    wanted.delete(name)
    leaves.get(name)?.()
    leaves.delete(name)
  }
  const line = watchLine(socket, () => leaves.has('overview') && socket.emit('overview:whole', hub.whole()), onDrop)

  /** A subscription is held once a socket, however often it is asked for. */
  const hold = async (name: string, ack: Ack, start: () => () => void) => {
    try {
      wanted.add(name)
      await authorise(auth, socket)
      // Given up while it was being authorised.
      if (!wanted.has(name)) return ack({ ok: false, error: 'It was closed again' })
      leaves.get(name)?.()
      leaves.set(name, start())
      ack({ ok: true })
    } catch (error) {
      ack({ ok: false, error: messageOf(error) })
    }
  }

  socket.on('overview:subscribe', (ack) => {
    if (typeof ack !== 'function') return
    void hold('overview', ack, () => {
      const stop = hub.subscribe((delta) => line.ready() && socket.emit('overview:delta', delta))
      socket.emit('overview:whole', hub.whole())
      return stop
    })
  })
  socket.on('overview:unsubscribe', () => leave('overview'))
  socket.on('tap:open', (source, ack) => {
    if (typeof ack !== 'function') return
    if (!Object.hasOwn(feeds, source)) return ack({ ok: false, error: 'There is no such tap' })
    void hold(source, ack, () =>
      feeds[source].watch({
        batch: (batch) => line.ready() && socket.emit('tap:batch', batch),
        state: (state) => socket.emit('tap:state', state),
      }),
    )
  })
  socket.on('tap:close', (source) => leave(source))
  socket.on('disconnect', () => {
    for (const name of wanted) leave(name)
  })
}

/**
 * Knows whether a page keeps up. `ready` counts the packet that follows it; once a page that was behind has caught up,
 * `onCaughtUp` brings it the whole, because it has missed deltas.
 */
function watchLine(socket: LiveSocket, onCaughtUp: () => void, onDrop: () => void): { ready(): boolean } {
  let waiting = 0
  let behind = false
  socket.conn.on('drain', () => {
    waiting = 0
    if (!behind) return
    behind = false
    onCaughtUp()
  })
  return {
    ready() {
      if (waiting < maxWaiting) {
        waiting++
        return true
      }
      behind = true
      onDrop()
      return false
    },
  }
}
