/** Who may talk to the console from a browser: pages of its own, under its own names, and nobody else. */

/** Names under which a browser reaches what listens on this machine; a content security policy knows no IPv6 address. */
export const browserHosts = ['localhost', '127.0.0.1']
const loopbackNames = [...browserHosts, '[::1]']

/** Host name of a `Host` header, without the port; null when it is none. */
function hostName(host: string): string | null {
  try {
    const url = new URL(`http://${host}`)
    return url.host === host.toLowerCase() || `${url.host}:80` === host.toLowerCase() ? url.hostname : null
  } catch {
    return null
  }
}

/**
 * Whether a request names this console. A foreign name that was pointed at this machine (DNS rebinding) does not pass.
 * The port is free: it changes behind a tunnel.
 */
export function isOwnHost(host: string | null | undefined, names: readonly string[]): boolean {
  const name = host ? hostName(host) : null
  return name !== null && [...loopbackNames, ...names].includes(name)
}

/** Whether an `Origin` is this console's own, port included: another page on this machine is a stranger. */
export function isOwnOrigin(origin: string, host: string | null | undefined): boolean {
  return typeof host === 'string' && (origin === `http://${host}` || origin === `https://${host}`)
}
