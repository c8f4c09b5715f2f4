'use client'
import { useTheme } from 'next-themes'
import { Toaster as Sonner, toast as sonner } from 'sonner'
import { useTranslations } from 'use-intl'

/** What just happened, in the corner. Good news goes by itself; a failure stays until it is closed. */
export function toast(tone: 'good' | 'error', title: string, detail: string | null = null): void {
  if (tone === 'good') sonner.success(title, { description: detail })
  else sonner.error(title, { description: detail, duration: Number.POSITIVE_INFINITY })
}

export function Toaster() {
  const t = useTranslations('common')
  const { resolvedTheme } = useTheme()
  return (
    <Sonner
      theme={resolvedTheme === 'dark' ? 'dark' : 'light'}
      position="bottom-right"
      closeButton
      visibleToasts={3}
      containerAriaLabel={t('notifications')}
      mobileOffset={{ bottom: '4.5rem' }}
      toastOptions={{
        closeButtonAriaLabel: t('close'),
        classNames: {
          toast: '!border-line !bg-surface !text-ink !font-sans !shadow-lg',
          description: '!text-ink-soft',
          error: '!border-down/50 [&_[data-icon]]:!text-down',
          success: '[&_[data-icon]]:!text-up',
          closeButton: '!border-line !bg-surface !text-ink',
        },
      }}
    />
  )
}
