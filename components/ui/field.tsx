'use client'
import { ChevronDown } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from './cn.ts'

const box =
  'h-8 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 text-ink placeholder:text-ink-faint max-md:h-10 max-md:text-base aria-invalid:border-down disabled:bg-sunken disabled:text-ink-faint'

interface FieldProps {
  label: ReactNode
  /** Said beneath the control. */
  hint?: ReactNode
  error?: string | null
  className?: string
  /** Spread these on the control: they tie label, hint and error to it. */
  children: (control: {
    id: string
    'aria-describedby': string | undefined
    'aria-invalid': true | undefined
  }) => ReactNode
}

export function Field({ label, hint, error = null, className, children }: FieldProps) {
  const id = useId()
  const said = error ?? hint
  const note = said === undefined || said === null ? undefined : `${id}-note`
  return (
    <div className={cn('grid min-w-0 content-start gap-1', className)}>
      <label htmlFor={id} className="text-xs font-medium text-ink-soft">
        {label}
      </label>
      {children({ id, 'aria-describedby': note, 'aria-invalid': error === null ? undefined : true })}
      {note !== undefined && (
        <p id={note} className={cn('text-xs', error === null ? 'text-ink-faint' : 'font-medium text-down')}>
          {said}
        </p>
      )}
    </div>
  )
}

export const Input = ({ className, ...props }: ComponentProps<'input'>) => (
  <input {...props} className={cn(box, className)} />
)

/** A number with its unit inside the box. */
export const NumberInput = ({ unit, className, ...props }: ComponentProps<'input'> & { unit?: string }) => (
  <span className={cn('relative block', className)}>
    <input type="number" inputMode="decimal" {...props} className={cn(box, unit !== undefined && 'pr-14')} />
    {unit !== undefined && (
      <span
        aria-hidden="true"
        className="pointer-events-none absolute inset-y-0 right-2.5 grid place-items-center text-xs text-ink-faint"
      >
        {unit}
      </span>
    )}
  </span>
)

/** The browser's own list: the best one on a phone, and right for the keyboard everywhere. */
export const Select = ({ className, children, ...props }: ComponentProps<'select'>) => (
  <span className={cn('relative block', className)}>
    <select {...props} className={cn(box, 'appearance-none truncate pr-8')}>
      {children}
    </select>
    <ChevronDown
      aria-hidden
      className="pointer-events-none absolute top-1/2 right-2 size-4 -translate-y-1/2 text-ink-faint"
    />
  </span>
)

export const Checkbox = ({ label, hint, ...props }: ComponentProps<'input'> & { label: string; hint?: string }) => (
  <label className="flex items-start gap-2 max-md:py-1.5">
    <input type="checkbox" {...props} className="mt-0.5 size-4 shrink-0 accent-accent" />
    <span>
      {label}
      {hint !== undefined && <span className="block text-xs text-ink-faint">{hint}</span>}
    </span>
  </label>
)

interface ChoiceProps<T extends string> {
  legend: string
  name: string
  value: T
  options: readonly { value: T; label: string }[]
  onChange: (value: T) => void
  hint?: ReactNode
}

/** A few options side by side: radio buttons in the shape of a bar. */
export function Choice<T extends string>({ legend, name, value, options, onChange, hint }: ChoiceProps<T>) {
  return (
    <fieldset className="grid min-w-0 content-start gap-1">
      <legend className="mb-1 text-xs font-medium text-ink-soft">{legend}</legend>
      <div className="flex w-fit max-w-full flex-wrap rounded-md border border-line-strong bg-surface p-0.5">
        {options.map((option) => (
          <label
            key={option.value}
            className="flex h-[1.625rem] items-center rounded-sm px-2.5 text-ink-soft has-checked:bg-accent-wash has-checked:font-medium has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent max-md:h-9"
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="sr-only"
            />
            {option.label}
          </label>
        ))}
      </div>
      {hint !== undefined && <p className="text-xs text-ink-faint">{hint}</p>}
    </fieldset>
  )
}
