'use client'
import { RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { ApiError } from '#components/live/api.ts'
import { BirdOnWire } from './bird.tsx'
import { Button } from './button.tsx'
import { cn } from './cn.ts'
import { Notice } from './notice.tsx'

/** An empty list says why it is empty and what fills it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-1 px-4 py-8 text-center">
      <BirdOnWire className="mb-2" />
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="max-w-[48ch] text-balance text-ink-soft">{children}</div>}
    </div>
  )
}

/** A bar where a figure or a line will be. */
export const Skeleton = ({ className }: { className?: string }) => (
  <span aria-hidden="true" className={cn('block h-4 rounded-sm bg-sunken', className)} />
)

export function Loading({ lines = 4 }: { lines?: number }) {
  const t = useTranslations('common')
  return (
    <div role="status" className="grid gap-2.5 p-4">
      <span className="sr-only">{t('loading')}</span>
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars have no identity
        <Skeleton key={i} className={i % 3 === 2 ? 'w-2/3' : 'w-full'} />
      ))}
    </div>
  )
}

/** A failed question, with the server's own words and its hint. */
export function Failed({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) {
  const t = useTranslations('common')
  const unreachable = error instanceof ApiError && error.status === 0
  const message = error instanceof Error ? error.message : String(error)
  return (
    <Notice
      live
      tone="error"
      title={what}
      className="m-4"
      action={
        retry && (
          <Button size="sm" icon={RotateCw} onClick={retry}>
            {t('retry')}
          </Button>
        )
      }
    >
      <p>{unreachable ? t('unreachable') : message}</p>
      {error instanceof ApiError && error.hint !== null && <p>{error.hint}</p>}
    </Notice>
  )
}

interface ListProps<T> {
  query: { data: T[] | undefined; error: unknown; refetch: () => unknown }
  /** Title of the error state. */
  failed: string
  empty: ReactNode
  children: (items: T[]) => ReactNode
}

/** The three states every list has before its fourth. Old rows stay on screen beneath an error. */
export function List<T>({ query: { data, error, refetch }, failed, empty, children }: ListProps<T>) {
  return (
    <>
      {error !== null && error !== undefined && <Failed what={failed} error={error} retry={() => refetch()} />}
      {data === undefined ? !error && <Loading /> : data.length === 0 ? empty : children(data)}
    </>
  )
}
