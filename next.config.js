/** Next's settings; `server.ts` starts Next inside our own HTTP server. */

/** @type {import('next').NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // A second build beside a running console needs a folder of its own.
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  // A folder further up may hold another lock file; the workspace is this folder.
  turbopack: { root: import.meta.dirname },
  // Types are a check of their own (`aviary test`); checking them again would only slow every first start.
  typescript: { ignoreBuildErrors: true },
  // Loaded by Node as they are: they carry native parts, workers or a state that must exist once.
  serverExternalPackages: [
    '@libsql/client',
    '@prisma/adapter-libsql',
    '@prisma/client',
    'kafkajs',
    'mqtt',
    'pino',
    'socket.io',
    'undici',
  ],
}

export default config
