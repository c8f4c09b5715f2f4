// Brings a checkout to where lib/cli can run: packages, Prisma's client, the pages. Each part has a stamp with the hash of what it
// was made from, written after it is done: an interruption leaves no stamp, so the part is done again.
'use strict'

const { spawn } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const { join, relative, resolve } = require('node:path')

const root = resolve(__dirname, '..')
const binDir = join(root, 'node_modules/.bin')
const lockFile = join(root, 'package-lock.json')
const pagesDir = process.env.NEXT_DIST_DIR || '.next'

/** Under the inputs, yet no part of any page. */
const unbundled = ['lib/store/generated', 'lib/cli']

/** Name, what it is made from, where its stamp lies, how to make it. Order matters. */
const parts = {
  packages: {
    inputs: ['package-lock.json'],
    stamp: 'node_modules/.aviary.json',
    isThere: packagesMatch,
    make: installPackages,
  },
  client: {
    inputs: ['prisma/schema.prisma', 'package-lock.json'],
    stamp: 'lib/store/generated/aviary.json',
    isThere: () => false,
    // The real engine is only for migrations and would be downloaded; generating never calls it.
    make: () => run('the database client', 'prisma', ['generate'], { PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true' }),
  },
  pages: {
    inputs: [
      'app',
      'components',
      'lib',
      'messages',
      'public',
      'next.config.js',
      'postcss.config.mjs',
      'package-lock.json',
    ],
    stamp: join(pagesDir, 'aviary.json'),
    isThere: () => false,
    make: () => run('the pages', 'next', ['build'], { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }),
  },
}

async function prepare({ pages }) {
  const wanted = [parts.packages, parts.client, ...(pages ? [parts.pages] : [])]
  if (wanted.every(isFresh)) return
  await withLock(async () => {
    for (const part of wanted) if (!isFresh(part)) await refresh(part)
  })
}

async function refresh(part) {
  const stamp = join(root, part.stamp)
  const made = { quick: quickHash(part), full: fullHash(part) }
  const old = readStamp(part)
  const same = old !== null && old.full === made.full
  if (!same && !part.isThere()) {
    fs.rmSync(stamp, { force: true })
    await part.make()
  }
  fs.writeFileSync(stamp, JSON.stringify(made))
}

function readStamp(part) {
  try {
    return JSON.parse(fs.readFileSync(join(root, part.stamp), 'utf8'))
  } catch {
    return null
  }
}

const isFresh = (part) => readStamp(part)?.quick === quickHash(part)

/** Names, sizes and times: a millisecond, and what a copied or checked-out file changes is caught by the full hash. */
function quickHash(part) {
  const hash = createHash('sha256')
  for (const file of filesOf(part)) {
    const { size, mtimeMs } = fs.statSync(file)
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function fullHash(part) {
  const hash = createHash('sha256')
  for (const file of filesOf(part)) hash.update(`${relative(root, file)}\n`).update(fs.readFileSync(file))
  return hash.digest('hex')
}

function filesOf(part) {
  return part.inputs.map((input) => join(root, input)).flatMap(walk)
}

function walk(path) {
  const stat = fs.statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (!stat.isDirectory()) return /\.i?test\.tsx?$/.test(path) ? [] : [path]
  const names = fs.readdirSync(path).filter((name) => !unbundled.includes(relative(root, join(path, name))))
  return names.sort().flatMap((name) => walk(join(path, name)))
}

/** Whether somebody else's install has put exactly the locked packages there; npm writes its own list last. */
function packagesMatch() {
  let there
  try {
    there = JSON.parse(fs.readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8')).packages
  } catch {
    return false
  }
  const locked = Object.entries(JSON.parse(fs.readFileSync(lockFile, 'utf8')).packages).filter(([path]) => path !== '')
  const same = ([path, want]) => {
    const have = there[path]
    return have === undefined ? want.optional === true || want.peer === true : have.integrity === want.integrity
  }
  return locked.every(same) && fs.existsSync(join(binDir, 'node'))
}

async function installPackages() {
  const options = ['--include=dev', '--no-audit', '--no-fund']
  try {
    await run('the packages', 'npm', ['ci', ...options])
  } catch (error) {
    // A lock made where a registry has this platform's packages alone is refused by `npm ci`, yet holds all that is needed here.
    if (!/npm error code EUSAGE/.test(error.message)) throw error
    await run('the packages', 'npm', ['install', '--no-save', ...options])
  }
  if (!fs.existsSync(join(binDir, 'node')))
    await run("the project's Node", 'npm', ['rebuild', 'node', '--ignore-scripts=false'])
}

const say = (text) => process.stderr.write(`aviary: ${text}\n`)

/** Runs to the end with a line now and then; what it said is shown only when it fails. */
function run(what, command, args, extraEnv) {
  const started = Date.now()
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`
  say(`making ${what} (${command} ${args[0]})`)
  const env = { ...process.env, PATH: `${binDir}:${process.env.PATH || ''}`, ...extraEnv }
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ticker = setInterval(() => say(`still making ${what}, ${seconds()}`), 15_000)
  let output = ''
  const keep = (chunk) => {
    output = (output + chunk).slice(-20_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return new Promise((done, fail) => {
    child.on('error', (error) => {
      const missing =
        error.code === 'ENOENT' ? `${command} was not found: install it together with Node` : error.message
      fail(new Error(missing))
    })
    child.on('close', (code, signal) => {
      if (code === 0) say(`made ${what} in ${seconds()}`)
      if (code === 0) done()
      else fail(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}:\n${output.trim()}`))
    })
  }).finally(() => clearInterval(ticker))
}

/** One at a time in a checkout. A lock whose process is gone counts as none. */
async function withLock(work) {
  const dir = join(root, '.aviary')
  const lock = join(dir, 'prepare.lock')
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
  for (let told = false; !take(lock); told = true) {
    if (!told) say(`waiting for another aviary to finish preparing (process ${holder(lock)})`)
    await new Promise((r) => setTimeout(r, 300))
  }
  try {
    await work()
  } finally {
    fs.rmSync(lock, { force: true })
  }
}

function take(lock) {
  const draft = `${lock}.${process.pid}`
  fs.writeFileSync(draft, String(process.pid))
  try {
    // A link appears with its content, so nobody reads a lock without a holder.
    fs.linkSync(draft, lock)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isAlive(holder(lock))) fs.rmSync(lock, { force: true })
    return false
  } finally {
    fs.rmSync(draft, { force: true })
  }
}

function holder(lock) {
  try {
    return Number(fs.readFileSync(lock, 'utf8'))
  } catch {
    return 0
  }
}

function isAlive(pid) {
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

module.exports = { binDir, prepare, root }
