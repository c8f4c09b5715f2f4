'use client'
/** Queries that one need not write: examples, and those that were run before. */
import { Trash2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { engineNames } from '#components/engine/names.ts'
import { IconButton } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { type QueryEngine, queryEngines } from '#lib/pipeline/query.ts'
import { examples, isQuestion } from './examples.ts'
import { forgetAll, type PastQuery, useHistory } from './history.ts'

interface TakeProps {
  /** Puts the query into the editor. */
  onTake: (query: PastQuery) => void
}

const row = 'block w-full truncate px-4 py-1.5 text-left -outline-offset-2 hover:bg-sunken max-md:py-2.5'

export function ExampleList({ onTake }: TakeProps) {
  const t = useTranslations('query')
  const question = useTranslations('personality.question')
  return (
    <Panel flush title={t('examples')}>
      <div className="py-1.5">
        {queryEngines.map((engine) => (
          <div key={engine}>
            <EngineName engine={engine} />
            <ul>
              {examples
                .filter((example) => example.engine === engine)
                .map((example) => (
                  <li key={example.id}>
                    <button type="button" className={row} onClick={() => onTake(example)}>
                      {isQuestion(example.id) ? question(example.id) : t(`example.${example.id}`)}
                    </button>
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </div>
    </Panel>
  )
}

const EngineName = ({ engine }: { engine: QueryEngine }) => (
  <p className="px-4 pt-1.5 pb-0.5 text-xs font-medium text-ink-faint">{engineNames[engine]}</p>
)

export function HistoryList({ onTake }: TakeProps) {
  const t = useTranslations('query')
  const history = useHistory()
  return (
    <Panel
      flush
      title={t('history')}
      actions={
        history.length > 0 && <IconButton size="icon-sm" icon={Trash2} label={t('forget')} onClick={forgetAll} />
      }
    >
      {history.length === 0 ? (
        <p className="px-4 py-3 text-ink-soft">{t('noHistory')}</p>
      ) : (
        <ul className="max-h-80 overflow-y-auto py-1.5">
          {history.map((query) => (
            <li key={`${query.engine} ${query.sql}`}>
              <button type="button" className={row} title={query.sql} onClick={() => onTake(query)}>
                <span className="mr-2 text-xs text-ink-faint">{engineNames[query.engine]}</span>
                <span className="font-mono text-xs">{query.sql.replaceAll(/\s+/g, ' ').slice(0, 200)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
