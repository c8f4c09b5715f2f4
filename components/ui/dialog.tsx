'use client'
import { X } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from './button.tsx'
import { cn } from './cn.ts'

interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: ReactNode
  /** `side` comes in from the right and takes the whole height: for logs and navigation. */
  shape?: 'centre' | 'side' | 'left'
  /** False where there is nothing to go back to. */
  closable?: boolean
  children: ReactNode
}

const shapes = {
  centre: 'inset-x-3 top-[12vh] mx-auto max-h-[76vh] max-w-lg rounded-lg border',
  side: 'inset-y-0 right-0 w-full max-w-3xl border-l',
  left: 'inset-y-0 left-0 w-72 max-w-[85vw] border-r',
} as const

/** Modal: keeps the focus inside, closes with Escape and gives the focus back. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  shape = 'centre',
  closable = true,
  children,
}: DialogProps) {
  const t = useTranslations('common')
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-ink/35 dark:bg-sunken/75" />
        <Primitive.Content
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          // The dialog itself takes the focus: on its first button it would open that button's hint.
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
          }}
          className={cn('fixed z-40 flex animate-rise flex-col bg-surface shadow-2xl outline-none', shapes[shape])}
        >
          <div className="flex items-start gap-3 border-b py-2 pr-2 pl-4">
            <div className="min-w-0 flex-1 py-1">
              <Primitive.Title className="text-base font-semibold tracking-tight">{title}</Primitive.Title>
              {description !== undefined && (
                <Primitive.Description asChild>
                  <div className="text-ink-soft">{description}</div>
                </Primitive.Description>
              )}
            </div>
            {closable && (
              <Primitive.Close asChild>
                <IconButton label={t('close')} icon={X} />
              </Primitive.Close>
            )}
          </div>
          <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
