/** Where a one-time link carries its token: `/enter#TOKEN`, `/enter#token=TOKEN` or `/enter?token=TOKEN`. Pure. */
export function tokenOf(address: string): string | null {
  let url: URL
  try {
    url = new URL(address.trim(), 'http://console')
  } catch {
    return null
  }
  if (!/\/enter\/?$/.test(url.pathname)) return null
  const fragment = url.hash.slice(1)
  const token = url.searchParams.get('token') ?? new URLSearchParams(fragment).get('token') ?? fragment
  return /^[\w-]+$/.test(token) ? token : null
}
