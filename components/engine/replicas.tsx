'use client'
/** How many of a service run beside each other, and the way to another number. */
import { Layers } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { ActionButton } from '#components/shell/action-button.tsx'
import { Field, NumberInput } from '#components/ui/field.tsx'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'

/** In a few words, behind what it runs as; empty where there is always one. */
export function useReplicas({ replicas }: ServiceSnapshot): string {
  const t = useTranslations('services')
  return replicas === null ? '' : ` · ${t('replicasRun', { running: replicas.running, wanted: replicas.wanted })}`
}

export function Replicas({ service: { id, replicas } }: { service: ServiceSnapshot }) {
  const t = useTranslations('services')
  const [entered, setEntered] = useState<string | null>(null)
  if (replicas === null) return null
  const { wanted, most } = replicas
  const count = Number(entered ?? wanted)
  const unfit = !Number.isInteger(count) || count < 1 || count > most
  const blocked = unfit ? t('replicasRange', { most }) : count === wanted ? t('replicasSame') : undefined
  return (
    <div>
      <div className="flex items-end gap-2">
        <Field label={t('replicas')}>
          {(control) => (
            <NumberInput
              {...control}
              className="w-24"
              aria-invalid={unfit || undefined}
              min={1}
              max={most}
              value={entered ?? String(wanted)}
              onChange={(event) => setEntered(event.target.value)}
            />
          )}
        </Field>
        <ActionButton
          size="sm"
          needs="admin"
          icon={Layers}
          blocked={blocked}
          run={() => call('POST', `/api/services/${id}/replicas`, { replicas: count })}
          done={t('scaled', { service: id })}
          failed={t('scaleFailed', { service: id })}
          confirm={{
            title: t('scaleTitle', { service: id, count }),
            consequences: [count > wanted ? t('scaleUp') : t('scaleDown'), t('scaleKept')],
            verb: t('scale'),
            danger: count < wanted,
          }}
        >
          {t('scale')}
        </ActionButton>
      </div>
      <p className="pt-1 text-xs text-ink-faint">{unfit ? t('replicasRange', { most }) : t('replicasHint')}</p>
    </div>
  )
}
