/** For tests: a service that needs little. */
import { isReady } from '#lib/runtime/ask.ts'
import type { ServiceDefinition } from '../../definition.ts'

export const service = (args = ['-c', 'mosquitto.conf']): ServiceDefinition => ({
  ...{
    id: 'mosquitto',
    engine: 'mosquitto',
    artifacts: ['mosquitto'],
    version: '1',
    ports: ['mosquitto'],
    memoryMb: 16,
  },
  ...{ needs: [], outlives: [], stopGraceMs: 1_000 },
  files: [
    {
      template: 'mosquitto/conf/mosquitto.conf',
      target: 'mosquitto.conf',
      values: { bind: 'all', port: 1, dataDir: '/data/mosquitto' },
    },
  ],
  program: { kind: 'native', command: () => ({ command: 'mosquitto', env: {}, version: '1' }), args },
  health: { kind: 'open', port: 'mosquitto' },
  ready: async () => isReady('sample', 'yes'),
})
