'use client'
import dynamic from 'next/dynamic'
import { useId } from 'react'
import { useTranslations } from 'use-intl'
import { engineNames } from '#components/engine/names.ts'
import { Loading } from '#components/ui/blank.tsx'
import type { EditorProps } from './editor.tsx'

const Editor = dynamic(() => import('./editor.tsx'), {
  ssr: false,
  loading: () => (
    <div className="min-h-36">
      <Loading />
    </div>
  ),
})

/** The text of a query, with what the keyboard does in it. */
export function SqlEditor(props: Omit<EditorProps, 'label' | 'describedBy'>) {
  const t = useTranslations('query')
  const keys = useId()
  return (
    <div className="border-t">
      <Editor {...props} label={t('sqlOf', { engine: engineNames[props.engine] })} describedBy={keys} />
      <p id={keys} className="border-t px-4 py-1.5 text-xs text-ink-faint">
        {t('keys')}
      </p>
    </div>
  )
}
