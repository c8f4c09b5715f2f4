/** Health checks of containers, asked by the shell inside: nothing is installed for them, and they cost little. */
import type { Health, ServiceDefinition } from '../definition.ts'
import { innerPorts } from './site.ts'

/** In Compose's words. A check is a process of its own in the container, so it is not made more often than people look. */
export const healthCheck = ({ id, health }: ServiceDefinition): object => ({
  test: ['CMD', 'bash', '-c', question(id, health).replaceAll('$', '$$$$')],
  interval: '10s',
  timeout: '5s',
  start_period: '120s',
  retries: 6,
})

/** Asked by bash. Under its name in the network: Druid listens on that address alone. */
export function question(host: string, health: Health): string {
  const open = `exec 3<>/dev/tcp/${host}/${innerPorts[health.port]}`
  if (health.kind === 'open') return open
  if (health.kind === 'bytes') {
    const sent = [...health.send].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
    const read = `$(head -c ${health.bytes} <&3 | od -An -v -tx1 | tr -d ' \\n')`
    return `${open}; printf '${sent}' >&3; [[ ${read} =~ ${health.answer.source} ]]`
  }
  const ask = `${open}; printf 'GET %s HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' "$path" >&3; read -r _ status _ <&3`
  return `for path in ${health.paths.join(' ')}; do ${ask}; [ "$status" = 200 ] || exit 1; done`
}
