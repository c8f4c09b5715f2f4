import { configDefaults, defineConfig } from 'vitest/config'

const containersOnly = ['e2e/pipeline/containers.itest.ts', 'e2e/pipeline/console-inside.itest.ts']
const swarmOnly = 'e2e/pipeline/swarm.itest.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['lib/**/*.test.ts', 'app/**/*.test.ts', 'components/**/*.test.tsx', 'bin/**/*.test.ts'],
          testTimeout: 60_000,
          // Real processes are started beside each other; what is waited for decides, not the clock.
          expect: { poll: { timeout: 20_000 } },
          // Many wait for processes and timers, so that one core fewer, the default, would be half of two.
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'integration',
          globalSetup: ['e2e/pipeline/setup.ts'],
          include: ['lib/**/*.itest.ts', 'e2e/**/*.itest.ts'],
          exclude: [...configDefaults.exclude, ...containersOnly, swarmOnly],
          // The suites share one running stack, and two cores.
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'integration-docker',
          globalSetup: ['e2e/pipeline/setup-docker.ts'],
          // What the runtime may change: the line, what befalls it, and how files get to Hive.
          include: [
            'e2e/pipeline/{exactness,publishers,trouble}.itest.ts',
            ...containersOnly,
            'lib/statics/lookups.itest.ts',
          ],
          env: { AVIARY_RUNTIME: 'docker' },
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'integration-swarm',
          globalSetup: ['e2e/pipeline/setup-swarm.ts'],
          include: [swarmOnly],
          env: { AVIARY_RUNTIME: 'swarm' },
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
})
