'use client'
/** What runs the services: which runtime, why that one, and the way to another while nothing runs. */
import { Boxes, Container, Cpu } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useSaid } from '#components/i18n/said.ts'
import { call } from '#components/live/api.ts'
import { useOverview } from '#components/live/provider.tsx'
import { ActionButton } from '#components/shell/action-button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { runtimeKinds } from '#lib/pipeline/stages.ts'

const icons = { process: Cpu, docker: Container, swarm: Boxes } as const

export function RuntimePanel() {
  const t = useTranslations('runtime')
  const said = useSaid()
  const stack = useOverview('stack')
  const choice = stack?.runtime
  if (stack === undefined || choice == null) return null
  const runs = stack.phase !== 'stopped' && stack.services.some(({ phase }) => phase !== 'stopped')
  const blocked = choice.why === 'environment' ? t('fixed') : runs ? t('stopFirst') : undefined
  return (
    <Panel title={t('title')}>
      <div className="grid justify-items-start gap-3">
        <p className="max-w-[64ch] text-pretty">
          <span className="font-medium">{t(`kind.${choice.kind}`)}</span>{' '}
          <span className="text-ink-soft">{t(`why.${choice.why}`)}</span>
        </p>
        {choice.detail !== null && <p className="max-w-[64ch] text-pretty text-ink-soft">{said(choice.detail)}</p>}
        <div className="flex flex-wrap gap-2">
          {runtimeKinds
            .filter((kind) => kind !== choice.kind)
            .map((kind) => (
              <ActionButton
                key={kind}
                needs="admin"
                icon={icons[kind]}
                blocked={blocked}
                failed={t('failed')}
                done={t('begun')}
                run={() => call('POST', '/api/runtime', { kind })}
                confirm={{
                  title: t(`change.${kind}`),
                  consequences: [t('effectData'), t('effectAway')],
                  verb: t('verb'),
                }}
              >
                {t(`change.${kind}`)}
              </ActionButton>
            ))}
        </div>
      </div>
    </Panel>
  )
}
