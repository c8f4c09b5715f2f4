'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { cn } from '#components/ui/cn.ts'
import { places } from './nav.ts'

/** The list of pages, in the side bar and in the drawer. */
export function NavLinks({ onFollow }: { onFollow?: () => void }) {
  const t = useTranslations('nav')
  const path = usePathname()
  return (
    <ul className="grid gap-0.5">
      {places.map(({ id, href, icon: Icon }) => {
        const here = path === href
        return (
          <li key={id}>
            <Link
              href={href}
              onClick={onFollow}
              aria-current={here ? 'page' : undefined}
              className={cn(
                'flex h-8 items-center gap-2.5 rounded-md px-2.5 max-md:h-11 max-md:text-base',
                here ? 'bg-accent-wash font-medium text-ink' : 'text-ink-soft hover:bg-sunken hover:text-ink',
              )}
            >
              <Icon aria-hidden className={cn('size-4', here ? 'text-accent' : 'text-ink-faint')} strokeWidth={1.75} />
              {t(id)}
            </Link>
          </li>
        )
      })}
    </ul>
  )
}
