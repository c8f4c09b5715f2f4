/**
 * Loads the page again when one of its scripts or style sheets did not arrive, at most once in ten seconds. Chromium gives up what it is
 * loading when a network of the machine comes or goes, and every container that starts or stops is such a change: without its scripts the
 * page would stay as it was drawn on the server.
 *
 * It goes into the page as text, before all other scripts, so it uses nothing from outside of itself.
 */
export function reloadOnLostScript(): void {
  const key = 'aviary.reloaded-at'
  const onLost = ({ target }: Event) => {
    const isScript = target instanceof HTMLScriptElement
    const isStyle = target instanceof HTMLLinkElement && target.rel === 'stylesheet'
    if (!(isScript || isStyle) || Date.now() - Number(sessionStorage.getItem(key)) < 10_000) return
    sessionStorage.setItem(key, String(Date.now()))
    location.reload()
  }
  // Such errors do not bubble.
  addEventListener('error', onLost, { capture: true })
}
