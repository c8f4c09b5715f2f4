/** The one websocket of a page: facts come in here and go to the stores. */
import { io, type Socket } from 'socket.io-client'
import type { ClientToServer, ServerToClient, TapSource } from '#lib/live/events.ts'
import { ApiError, call } from './api.ts'
import type { LiveStore } from './store.ts'
import type { TapStore } from './taps.ts'

export interface LiveConnection {
  /** Counts its users: the server's tap opens with the first and closes with the last. Returns the release. */
  openTap(source: TapSource): () => void
  close(): void
}

/** Says so when the server is silent for this long although the connection looks open. */
const silenceMs = 12_000

async function retryUnlessStranger(socket: Socket, store: LiveStore): Promise<void> {
  const status = await call('GET', '/api/session').then(
    () => 200,
    (error: unknown) => (error instanceof ApiError ? error.status : 0),
  )
  if (status === 401) store.endSession('')
  else setTimeout(() => socket.connect(), 4_000)
}

export function connectLive(store: LiveStore, taps: TapStore): LiveConnection {
  const socket: Socket<ServerToClient, ClientToServer> = io({
    transports: ['websocket'],
    reconnectionDelay: 500,
    reconnectionDelayMax: 4_000,
  })
  const users = new Map<TapSource, number>()
  // A refusal for want of a session also ends the session by its own event.
  const askWhole = () => socket.emit('overview:subscribe', () => {})
  const openNow = (source: TapSource) =>
    socket.emit('tap:open', source, (reply) => {
      if (!reply.ok) taps.state({ source, state: 'closed', reason: reply.error })
    })

  let heard = Date.now()
  const hear = () => {
    heard = Date.now()
  }
  const watch = setInterval(() => {
    if (socket.connected && Date.now() - heard > silenceMs) {
      store.lost()
      hear()
      askWhole()
    }
  }, 2_000)

  socket.on('connect', () => {
    hear()
    askWhole()
    for (const [source, count] of users) if (count > 0) openNow(source)
  })
  socket.on('disconnect', (why) => {
    store.lost()
    for (const source of users.keys()) taps.state({ source, state: 'connecting', reason: null })
    // The client does not come back by itself after the server's own disconnect, which a shutdown of the console is.
    if (why === 'io server disconnect') socket.connect()
  })
  socket.on('connect_error', () => {
    store.lost()
    // Not active means refused, not unreachable: no session, or too many pages. Only a missing session is final.
    if (!socket.active) void retryUnlessStranger(socket, store)
  })
  socket.on('overview:whole', (payload) => {
    hear()
    store.whole(payload)
  })
  socket.on('overview:delta', (payload) => {
    hear()
    if (store.delta(payload)) askWhole()
  })
  socket.on('tap:batch', (batch) => taps.batch(batch))
  socket.on('tap:state', (state) => taps.state(state))
  socket.on('session:end', ({ reason }) => store.endSession(reason))

  return {
    openTap(source) {
      const before = users.get(source) ?? 0
      users.set(source, before + 1)
      if (before === 0 && socket.connected) openNow(source)
      return () => {
        const left = (users.get(source) ?? 1) - 1
        users.set(source, left)
        if (left === 0) socket.emit('tap:close', source)
      }
    },
    close() {
      clearInterval(watch)
      socket.disconnect()
    },
  }
}
