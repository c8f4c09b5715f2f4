'use client'
/** Live facts for every page below: opens the one websocket and hands out what it brings. */
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { OverviewWhole, TapSource } from '#lib/live/events.ts'
import type { Overview } from '#lib/pipeline/snapshot.ts'
import { useSecond } from './clock.ts'
import { connectLive, type LiveConnection } from './socket.ts'
import { type LiveState, serverNow } from './state.ts'
import { LiveStore } from './store.ts'
import { TapStore, type TapView } from './taps.ts'

interface Live {
  readonly store: LiveStore
  readonly taps: TapStore
  readonly openTap: (source: TapSource) => () => void
}

const LiveContext = createContext<Live | null>(null)

export function LiveProvider({ initial, children }: { initial: OverviewWhole | null; children: ReactNode }) {
  const connection = useRef<LiveConnection | null>(null)
  const [live] = useState<Live>(() => ({
    store: new LiveStore(initial),
    taps: new TapStore(),
    openTap: (source) => connection.current?.openTap(source) ?? (() => {}),
  }))
  // A child's effect runs before its parent's, so taps wait for this flag.
  const [connected, setConnected] = useState(false)
  useEffect(() => {
    const opened = connectLive(live.store, live.taps)
    connection.current = opened
    setConnected(true)
    return () => {
      setConnected(false)
      connection.current = null
      opened.close()
    }
  }, [live])
  return (
    <LiveContext value={live}>
      <ConnectedContext value={connected}>{children}</ConnectedContext>
    </LiveContext>
  )
}

const ConnectedContext = createContext(false)

function useContextLive(): Live {
  const live = useContext(LiveContext)
  if (live === null) throw new Error('Live facts are only known below <LiveProvider>')
  return live
}

/** `select` must answer the same object while nothing changed: pick members, do not build. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const { store } = useContextLive()
  const read = () => select(store.get())
  return useSyncExternalStore(store.subscribe, read, read)
}

/** A member of the overview; undefined until the first facts have come. */
export const useOverview = <K extends keyof Overview>(member: K): Overview[K] | undefined =>
  useLive((state) => state.overview?.[member])

/** The server's clock, once a second; before the page is alive the time of its facts. */
export function useServerNow(): number | null {
  const second = useSecond()
  const dataAt = useLive((state) => state.dataAt)
  const skewMs = useLive((state) => state.skewMs)
  return second === null ? dataAt : Math.max(dataAt ?? 0, serverNow({ skewMs }, second))
}

/** Keeps the tap open while the calling component is on screen and `wanted`. */
export function useTap(source: TapSource, wanted: boolean): TapView {
  const { taps, openTap } = useContextLive()
  const connected = useContext(ConnectedContext)
  useEffect(() => (connected && wanted ? openTap(source) : undefined), [connected, wanted, openTap, source])
  const read = () => taps.get(source)
  return useSyncExternalStore(taps.subscribe, read, read)
}
