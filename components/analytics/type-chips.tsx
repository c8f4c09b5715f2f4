'use client'
import { useTheme } from 'next-themes'
import { useTranslations } from 'use-intl'
import { useMounted } from '#components/live/clock.ts'
import { cn } from '#components/ui/cn.ts'
import { mbtiTypes } from '#lib/pipeline/personality.ts'
import { typeColour } from '#lib/pipeline/type-colours.ts'

interface TypeChipsProps {
  chosen: string | null
  onChoose: (type: string | null) => void
}

/** The sixteen types as buttons; pressing the chosen one again shows all. */
export function TypeChips({ chosen, onChoose }: TypeChipsProps) {
  const t = useTranslations('analytics')
  const mounted = useMounted()
  const { resolvedTheme } = useTheme()
  const theme = mounted && resolvedTheme === 'dark' ? 'dark' : 'light'
  const chip = 'inline-flex h-7 items-center gap-1.5 rounded-full border px-2.5 text-xs max-md:h-9'
  const look = (on: boolean) =>
    on ? 'border-accent bg-accent-wash font-medium text-ink' : 'text-ink-soft hover:bg-sunken hover:text-ink'
  return (
    <fieldset className="flex min-w-0 basis-full gap-1.5 max-md:overflow-x-auto max-md:pb-1 md:flex-wrap">
      <legend className="sr-only">{t('types')}</legend>
      <button
        type="button"
        aria-pressed={chosen === null}
        className={cn(chip, look(chosen === null))}
        onClick={() => onChoose(null)}
      >
        {t('allTypes')}
      </button>
      {mbtiTypes.map((type) => (
        <button
          key={type}
          type="button"
          aria-pressed={chosen === type}
          className={cn(chip, look(chosen === type))}
          onClick={() => onChoose(chosen === type ? null : type)}
        >
          <span aria-hidden="true" className="size-2 rounded-full" style={{ background: typeColour(type, theme) }} />
          {type.toUpperCase()}
        </button>
      ))}
    </fieldset>
  )
}
