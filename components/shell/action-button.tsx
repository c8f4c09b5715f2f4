'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ComponentProps, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useSaid } from '#components/i18n/said.ts'
import { ApiError } from '#components/live/api.ts'
import { useLive } from '#components/live/provider.tsx'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { toast } from '#components/ui/toast.tsx'
import { type Role, useRefusal } from './session.tsx'

export interface Confirmation {
  title: string
  /** What the act will do, one consequence a line. */
  consequences: readonly string[]
  /** The verb on the button that does it. */
  verb: string
  danger?: boolean
}

interface ActionButtonProps extends Omit<ComponentProps<typeof Button>, 'onClick' | 'pending'> {
  run: () => Promise<unknown>
  needs?: Role
  /** Said when it is done. */
  done?: string
  /** Said, with the reason, when it was not. */
  failed: string
  confirm?: Confirmation
}

/** A command: knows the role it needs, asks first where it must, takes no second click while it runs, and reports how it went. */
export function ActionButton({ run, needs = 'operator', done, failed, confirm, blocked, ...props }: ActionButtonProps) {
  const t = useTranslations('common')
  const refusal = useRefusal(needs)
  const lost = useLive((state) => state.connection === 'lost')
  const said = useSaid()
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const { mutate, isPending } = useMutation({
    mutationFn: run,
    onSuccess: () => {
      setAsking(false)
      if (done !== undefined) toast('good', done)
    },
    onError: (error) => {
      setAsking(false)
      const reason = error instanceof ApiError && error.status === 0 ? t('unreachable') : said(error.message)
      toast(
        'error',
        failed,
        error instanceof ApiError && error.hint !== null ? `${reason} ${said(error.hint)}` : reason,
      )
    },
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <>
      <Button
        {...props}
        pending={isPending}
        blocked={refusal ?? (lost ? t('notConnected') : (blocked ?? null))}
        onClick={() => (confirm === undefined ? mutate() : setAsking(true))}
      />
      {confirm !== undefined && (
        <ConfirmDialog
          {...confirm}
          open={asking}
          onOpenChange={setAsking}
          pending={isPending}
          onConfirm={() => mutate()}
        />
      )}
    </>
  )
}

interface ConfirmDialogProps extends Confirmation {
  open: boolean
  pending: boolean
  onOpenChange: (open: boolean) => void
  onConfirm: () => void
}

function ConfirmDialog({
  title,
  consequences,
  verb,
  danger = true,
  pending,
  onConfirm,
  ...dialog
}: ConfirmDialogProps) {
  const t = useTranslations('common')
  return (
    <Dialog
      {...dialog}
      title={title}
      description={
        <ul className="mt-1 grid list-disc gap-1 pl-4 text-pretty">
          {consequences.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      }
    >
      <div className="flex justify-end gap-2 p-3">
        <Button onClick={() => dialog.onOpenChange(false)}>{t('cancel')}</Button>
        <Button variant={danger ? 'danger-solid' : 'primary'} pending={pending} onClick={onConfirm}>
          {verb}
        </Button>
      </div>
    </Dialog>
  )
}
