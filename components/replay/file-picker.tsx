'use client'
import type { UseQueryResult } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { Failed, Skeleton } from '#components/ui/blank.tsx'
import { Field, Select } from '#components/ui/field.tsx'
import { Notice } from '#components/ui/notice.tsx'
import type { TweetFile } from '#lib/pipeline/run.ts'
import type { Faults } from './form.ts'
import { useFaultText } from './schedule-fields.tsx'

interface Props {
  files: UseQueryResult<TweetFile[]>
  value: string
  faults: Faults
  onChange: (path: string) => void
}

export function FilePicker({ files, value, faults, onChange }: Props) {
  const t = useTranslations('replay')
  const f = useFormat()
  const fault = useFaultText()
  if (files.isError) return <Failed what={t('filesFailed')} error={files.error} retry={() => files.refetch()} />
  if (files.data === undefined) return <Skeleton className="h-8" />
  if (files.data.length === 0)
    return (
      <Notice tone="info" title={t('noFiles')}>
        {t('noFilesBody')}
      </Notice>
    )
  const chosen = files.data.find((file) => file.path === value)
  const hint = chosen === undefined ? undefined : chosen.sample ? t('sampleHint') : chosen.path
  return (
    <Field label={t('file')} hint={hint} error={fault(faults.file)}>
      {(control) => (
        <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          {files.data.map((file) => (
            <option key={file.path} value={file.path}>
              {t(file.sample ? 'sampleFile' : 'plainFile', { name: file.name, size: f.bytes(file.bytes) })}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}
