/** The console's process: settings → console → HTTP with the pages → websocket. Ending it leaves services and replays running. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import next from 'next'
import { secureHeaders } from '#lib/auth/headers.ts'
import { isOwnHost } from '#lib/auth/origins.ts'
import { enterPath } from '#lib/auth/tokens.ts'
import { composeConsole } from '#lib/compose.ts'
import { loadConfig } from '#lib/config.ts'
import { type Console, provideConsole } from '#lib/console.ts'
import { claimHome } from '#lib/home.ts'
import { attachSockets } from '#lib/live/socket.ts'
import { checkConsolePort } from '#lib/stack/preflight.ts'

/** After this long an end that hangs is cut short. */
const shutdownMs = 10_000

/** As this process was given it: Next adds to it. */
const environment = { ...process.env }

async function main(): Promise<void> {
  const config = loadConfig()
  const home = await claimHome(config.homeDir)
  // Before the stack is touched: a console that cannot listen must not start services.
  await checkConsolePort(config)
  const composing = composeConsole(config, () => void restart())
  provideConsole(composing)
  const console = await composing
  const { log } = console

  const pages = next({ dev: false, dir: config.rootDir })
  await pages.prepare()
  const render = pages.getRequestHandler()
  const server = createServer((request, response) => {
    secureHeaders(request, response, config.ports.superset)
    if (isOwnHost(request.headers.host, [config.host])) render(request, response).catch((err) => log.error({ err }))
    else response.writeHead(421).end('This console is not known by that host name')
  })
  const sockets = attachSockets(server, console)
  await once(server.listen(config.ports.console, config.listen), 'listening')
  await home.announce(`http://${config.host}:${config.ports.console}`)
  log.info(`the console listens at http://localhost:${config.ports.console}`)
  // There nobody is told a link by the command line, which has not started it.
  if (config.inside) await tellLink(console)

  const leave = async () => {
    setTimeout(() => void home.release().finally(() => process.exit(1)), shutdownMs).unref()
    // The server is closed once its last connection is, and a followed log would stay open.
    const closed = sockets.close()
    server.closeAllConnections()
    await closed
    await console.close().finally(home.release)
  }
  /** The same process, with other settings: whoever watches it sees it go on. */
  const restart = async () => {
    log.info('the console begins anew')
    await leave()
    process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], environment)
  }
  const end = async (signal: string) => {
    log.info(`${signal}: the console ends, services and replays go on`)
    await leave()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end)
}

async function tellLink({ auth, config }: Console): Promise<void> {
  const { token } = await auth.createLink('admin')
  process.stdout.write(`This link lets you in, once: http://localhost:${config.ports.console}${enterPath(token)}\n`)
}

/** These say by themselves what to do; of others the place matters. */
const selfExplaining = ['ConfigError', 'HomeTaken', 'PreflightError', 'DockerError']

main().catch((error: Error) => {
  process.stderr.write(`${selfExplaining.includes(error.name) ? error.message : error.stack}\n`)
  process.exit(1)
})
