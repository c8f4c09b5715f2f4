'use client'
import { LoaderCircle, type LucideIcon } from 'lucide-react'
import { type ComponentProps, useId } from 'react'
import { useMounted } from '#components/live/clock.ts'
import { cn } from './cn.ts'
import { Tip } from './tip.tsx'

const variants = {
  primary: 'bg-accent text-on-accent hover:bg-accent-deep',
  quiet: 'border border-line-strong/55 bg-surface text-ink hover:border-line-strong hover:bg-sunken',
  plain: 'text-ink-soft hover:bg-sunken hover:text-ink',
  danger: 'border border-down/60 bg-surface text-down hover:bg-down-wash',
  'danger-solid': 'bg-down text-on-accent hover:opacity-90',
} as const
export type ButtonVariant = keyof typeof variants

const sizes = {
  md: 'h-8 gap-1.5 px-3',
  sm: 'h-7 gap-1 px-2 text-xs',
  icon: 'size-8 justify-center max-md:size-10',
  'icon-sm': 'size-7 justify-center max-md:size-9',
} as const

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  variant?: ButtonVariant
  size?: keyof typeof sizes
  icon?: LucideIcon
  /** Shows that it is being done and takes no second click. */
  pending?: boolean
  /** Why it cannot be pressed now. The button stays reachable by keyboard, so that the reason can be read. */
  blocked?: string | null
}

export function buttonClass(
  variant: ButtonVariant = 'quiet',
  size: keyof typeof sizes = 'md',
  className?: string,
): string {
  return cn(
    'inline-flex shrink-0 items-center rounded-md font-medium whitespace-nowrap transition-colors select-none',
    'aria-disabled:not-data-asleep:cursor-not-allowed aria-disabled:not-data-asleep:border-line',
    'aria-disabled:not-data-asleep:bg-sunken aria-disabled:not-data-asleep:text-ink-faint',
    variants[variant],
    sizes[size],
    className,
  )
}

export function Button({
  variant = 'quiet',
  size = 'md',
  icon: Icon,
  pending = false,
  blocked = null,
  className,
  children,
  onClick,
  ...props
}: ButtonProps) {
  const reasonId = useId()
  // Drawn by the server, it takes no click yet: said to who cannot see it, and shown to nobody for these moments.
  const asleep = !useMounted()
  const off = pending || blocked !== null
  const button = (
    <button
      type="button"
      {...props}
      className={buttonClass(variant, size, className)}
      aria-disabled={off || asleep || undefined}
      data-asleep={(asleep && !off) || undefined}
      aria-describedby={blocked === null ? props['aria-describedby'] : reasonId}
      onClick={(event) => {
        if (off) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {pending ? (
        <LoaderCircle aria-hidden className="size-4 animate-turn" />
      ) : (
        Icon && <Icon aria-hidden className="size-4" strokeWidth={1.75} />
      )}
      {children}
    </button>
  )
  if (blocked === null) return button
  return (
    <>
      <Tip text={blocked}>{button}</Tip>
      <span id={reasonId} className="sr-only">
        {blocked}
      </span>
    </>
  )
}

/** Only an icon to see; its name is read out and shown on hover. */
export function IconButton({ label, size = 'icon', ...props }: ButtonProps & { label: string }) {
  const button = <Button variant="plain" size={size} aria-label={label} {...props} />
  return props.blocked ? button : <Tip text={label}>{button}</Tip>
}
