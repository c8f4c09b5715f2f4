/** The directions of ARCHITECTURE.md as rules. Every rule is proven by a seeded violation in `lib/architecture.test.ts`. */
const room = (library, folders) => ({
  name: `room-${library.replace(/\W+/g, '-')}`,
  comment: `${library} is imported in one room only`,
  severity: 'error',
  // Tests may speak to an engine past our own code.
  from: { path: '^(app|components|lib|bench|server)', pathNot: [...folders, '[.]i?test[.]ts$'] },
  to: { path: `(^|/)node_modules/${library}(/|$)` },
})

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'lib-knows-no-pages',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(app|components|e2e|bench)/' },
    },
    {
      name: 'lib-knows-no-react',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: 'node_modules/(react|react-dom|next)/' },
    },
    {
      name: 'pipeline-is-pure',
      severity: 'error',
      from: { path: '^lib/pipeline/', pathNot: '[.]test[.]ts$' },
      to: { pathNot: ['^lib/pipeline/', 'node_modules/zod/'] },
    },
    {
      name: 'components-see-shapes-only',
      severity: 'error',
      from: { path: '^components/' },
      to: { path: '^(lib/(?!pipeline/|live/events[.]ts)|app/)' },
    },
    {
      name: 'engines-are-strangers',
      severity: 'error',
      from: { path: '^lib/engines/([^/]+)/' },
      to: { path: '^lib/engines/([^/]+)/', pathNot: '^lib/engines/$1/' },
    },
    {
      name: 'engines-have-a-front-door',
      severity: 'error',
      from: { path: '^(app|components|bench|server|lib)', pathNot: '^lib/engines/[^/]+/' },
      to: { path: '^lib/engines/[^/]+/(?!index[.]ts$)' },
    },
    room('dockerode', ['^lib/runtime/docker/']),
    room('mqtt', ['^lib/engines/mosquitto/', '^lib/replay/', '^bench/']),
    room('kafkajs', ['^lib/engines/kafka/']),
    room('hive-driver', ['^lib/engines/hive/']),
    room('@prisma', ['^lib/store/']),
    room('socket.io', ['^lib/live/socket[.]ts$']),
    room('socket.io-client', ['^components/live/']),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)([.]next|[.]aviary|target|generated)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
