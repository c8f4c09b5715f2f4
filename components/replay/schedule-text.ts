'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import type { Schedule } from '#lib/pipeline/run.ts'

/** A schedule as a sentence: "100 messages a second". */
export function useScheduleText(): (schedule: Schedule) => string {
  const t = useTranslations('schedule.text')
  const f = useFormat()
  return (schedule) => {
    switch (schedule.kind) {
      case 'interval':
        return t('interval', { time: f.duration(schedule.seconds * 1000) })
      case 'rate':
        return t('rate', { rate: f.rate(schedule.perSecond) })
      case 'max':
        return t('max')
      case 'poisson':
        return t('poisson', { rate: f.rate(schedule.perSecond) })
      case 'burst':
        return t('burst', { size: f.count(schedule.size), time: f.duration(schedule.everySeconds * 1000) })
      case 'diurnal':
        return t('diurnal', { rate: f.rate(schedule.perSecond), time: f.duration(schedule.daySeconds * 1000) })
      case 'file-time':
        return t('fileTime', { speed: f.decimal(schedule.speed) })
    }
  }
}
