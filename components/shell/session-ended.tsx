'use client'
import { useTranslations } from 'use-intl'
import { useLive } from '#components/live/provider.tsx'
import { buttonClass } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'

/** The session is over while the page is open: what is shown stays, nothing more can be done. */
export function SessionEnded() {
  const t = useTranslations('session')
  const reason = useLive((state) => state.sessionEnded)
  return (
    <Dialog
      open={reason !== null}
      onOpenChange={() => {}}
      closable={false}
      title={t('endedTitle')}
      description={reason || t('endedBody')}
    >
      <div className="flex justify-end p-3">
        <a href="/enter" className={buttonClass('primary')}>
          {t('enterAgain')}
        </a>
      </div>
    </Dialog>
  )
}
