'use client'
/** The static data in Hive and the questions that join it with the stream. */
import { ChartPie } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { buttonClass } from '#components/ui/button.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHead } from '#components/ui/panel.tsx'
import { followMatrix, minutesByType, partsByType, sharesByType } from './charts.ts'
import { QuestionPanel } from './question-panel.tsx'
import { StaticTables } from './static-tables.tsx'

const tweetShares = sharesByType('tweets')
const interactionShares = sharesByType('interactions')

export function PersonalityPage() {
  const t = useTranslations('personality')
  return (
    <div className="grid gap-4 md:gap-5">
      <PageHead
        title={t('title')}
        intro={t('intro')}
        actions={
          <Link href="/analytics?dashboard=personality" className={buttonClass()}>
            <ChartPie aria-hidden className="size-4" strokeWidth={1.75} />
            {t('openDashboards')}
          </Link>
        }
      />
      <Notice tone="info" title={t('privacyTitle')}>
        {t('privacy')}
      </Notice>
      <StaticTables />
      <QuestionPanel id="live" live draw={minutesByType} />
      <div className="grid items-start gap-4 md:gap-5 xl:grid-cols-2">
        <QuestionPanel id="tweets" live tall draw={tweetShares} />
        <QuestionPanel id="spread" tall draw={interactionShares} />
        <QuestionPanel id="interactions" tall draw={partsByType} />
        <QuestionPanel id="follows" tall draw={followMatrix} />
      </div>
      <QuestionPanel id="top-users" />
    </div>
  )
}
