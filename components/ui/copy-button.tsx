'use client'
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from './button.tsx'
import { toast } from './toast.tsx'

export function CopyButton({ text, label }: { text: string; label: string }) {
  const t = useTranslations('common')
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      setTimeout(() => setCopied(false), 2_000)
    } catch (error) {
      toast('error', t('copyFailed'), error instanceof Error ? error.message : null)
    }
  }
  return <IconButton size="icon-sm" label={copied ? t('copied') : label} icon={copied ? Check : Copy} onClick={copy} />
}
