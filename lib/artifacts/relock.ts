/**
 * For maintainers: writes the pins anew after a change of version, from empty folders.
 * Usage: node lib/artifacts/relock.ts [kafka] [druid] [hive] [mosquitto] [superset] [connector] [tweets-text]   (default: all)
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { buildConnector, connectorLockFile } from './connector.ts'
import { copyJars, type JarArtifact, jarLockFile, repositoryContent } from './maven.ts'
import { downloadPackages, packageFile, packagesLockFile } from './mosquitto.ts'
import { type FilePin, formatFilePins, formatPackagePins, hashFile, type PackagePin, parsePackagePins } from './pins.ts'
import { run } from './run.ts'
import { parsePipLine, parseRequirements, supersetLockFile, supersetRequirements } from './superset.ts'
import { downloadSdist, sdist, tweetsLockFile, unpackSdist } from './tweets-text.ts'
import { ArtifactError, type ArtifactId, artifactIds } from './types.ts'

const signal = new AbortController().signal

/** What Mosquitto links to beyond Debian's essential libraries, and the library by which a machine shows that it has it. */
const mosquittoPackages: readonly (readonly [name: string, soname: string | null])[] = [
  ['mosquitto', null],
  ['libwrap0', 'libwrap.so.0'],
  ['libdlt2', 'libdlt.so.2'],
  ['libssl3', 'libssl.so.3'],
  ['libsystemd0', 'libsystemd.so.0'],
  ['libnsl2', 'libnsl.so.2'],
  ['libtirpc3', 'libtirpc.so.3'],
  ['libgssapi-krb5-2', 'libgssapi_krb5.so.2'],
  ['libkrb5-3', 'libkrb5.so.3'],
  ['libk5crypto3', 'libk5crypto.so.3'],
  ['libkrb5support0', 'libkrb5support.so.0'],
  ['libcom-err2', 'libcom_err.so.2'],
  ['libkeyutils1', 'libkeyutils.so.1'],
]

async function pinOf(dir: string, file: string): Promise<FilePin> {
  const path = join(dir, file)
  return { sha256: await hashFile(path), bytes: (await stat(path)).size, file }
}

const pinsOf = async (dir: string, keep: (file: string) => boolean): Promise<FilePin[]> =>
  Promise.all((await readdir(dir)).filter(keep).map((file) => pinOf(dir, file)))

async function relockJars(id: JarArtifact, work: string): Promise<string> {
  const repo = join(work, 'repository')
  const outDir = join(work, 'jars')
  await copyJars({ id, repo, outDir, signal, onLine: () => {} })
  const files = await pinsOf(outDir, (file) => file.endsWith('.jar'))
  await writeFile(jarLockFile(id), formatFilePins({ files, requests: (await repositoryContent(repo)).files }))
  return jarLockFile(id)
}

async function relockMosquitto(work: string): Promise<string> {
  const names = mosquittoPackages.map(([name]) => name)
  const { ok, tail } = await downloadPackages(names, { dir: work, cacheDir: work, signal, onLine: () => {} })
  if (!ok) throw new ArtifactError('download', tail.join('\n'), { hint: 'Run it on the Debian release to pin.' })
  const pins: PackagePin[] = []
  for (const file of await readdir(work)) {
    if (!file.endsWith('.deb')) continue
    const fields = await run('dpkg-deb', ['-f', join(work, file), 'Package', 'Version', 'Architecture'], { signal })
    const [name = '', version = '', arch = ''] = fields.tail.map((line) => line.slice(line.indexOf(': ') + 2))
    const soname = mosquittoPackages.find(([known]) => known === name)?.[1] ?? null
    const pin = { ...(await pinOf(work, file)), arch, name, version, soname }
    if (packageFile(pin) !== file) throw new Error(`apt called the package ${file}, expected ${packageFile(pin)}`)
    pins.push(pin)
  }
  pins.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name))
  // Other architectures keep their pins: they can only be written on such a machine.
  const old = await readFile(packagesLockFile, 'utf8').catch(() => '')
  const others = parsePackagePins(old, packagesLockFile).filter((pin) => pin.arch !== pins[0]?.arch)
  await writeFile(packagesLockFile, formatPackagePins([...others, ...pins]))
  return packagesLockFile
}

async function relockConnector(work: string): Promise<string> {
  const jars = await buildConnector({ workDir: work, repo: join(work, 'maven'), signal, onFile: () => {} })
  const libraries = jars.filter(({ own }) => !own)
  const files = await Promise.all(
    libraries.map(async ({ path, file }) => ({ ...(await pinOf(dirname(path), basename(path))), file })),
  )
  await writeFile(connectorLockFile, formatFilePins({ files, requests: null }))
  return connectorLockFile
}

async function relockTweets(work: string): Promise<string> {
  await downloadSdist(work, null, signal)
  const { text, license } = await unpackSdist(work, signal)
  const files = [await pinOf(work, sdist.file)]
  for (const path of [text, license]) {
    const at = path.lastIndexOf('/')
    files.push(await pinOf(path.slice(0, at), path.slice(at + 1)))
  }
  await writeFile(tweetsLockFile, formatFilePins({ files, requests: null }))
  return tweetsLockFile
}

/**
 * uv resolves for every Python that Superset runs on and takes the hashes of all files of a version, so that the lock holds on
 * other machines too. Packages keep the version they have in the lock while requirements.txt allows it; delete the lock to renew all.
 */
async function relockSuperset(work: string): Promise<string> {
  const pip = ['-m', 'pip', '--disable-pip-version-check']
  await python(work, [...pip, 'install', '--target', join(work, 'uv'), 'uv'])
  const options = ['--generate-hashes', '--universal', '--python-version', '3.10', '--no-header', '--no-annotate']
  const env = [`PYTHONPATH=${join(work, 'uv')}`]
  const compile = ['-m', 'uv', 'pip', 'compile', '--quiet', '--cache-dir', join(work, 'cache'), ...options]
  await python(work, [...compile, supersetRequirements, '-o', supersetLockFile], env)
  const files = join(work, 'files')
  const download = ['download', '--no-deps', '--progress-bar', 'off', '-d', files, '-r', supersetLockFile]
  await python(work, [...pip, ...download])
  const sizes = new Map<string, number>()
  for (const file of await readdir(files)) {
    const name = parsePipLine(`Downloading ${file}`)?.package
    if (name !== undefined) sizes.set(name, (await stat(join(files, file))).size)
  }
  const packages = parseRequirements(await readFile(supersetLockFile, 'utf8'))
  const sized = packages.map(({ name, text }) => {
    const bytes = sizes.get(name)
    return bytes === undefined ? text : `${text.trimEnd()}\n    # ${bytes} bytes\n`
  })
  const head = '# Written by: node lib/artifacts/relock.ts superset. Sizes are those of the files for that machine.\n'
  await writeFile(supersetLockFile, head + sized.join(''))
  return supersetLockFile
}

async function python(cwd: string, args: readonly string[], env: readonly string[] = []): Promise<void> {
  const { code, tail } = await run('env', [...env, 'python3', ...args], { cwd, signal })
  if (code !== 0) throw new ArtifactError('download', tail.join('\n'), { hint: 'Run it with Python 3.11 and pip.' })
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2)
  const unknown = asked.find((id) => !artifactIds.some((known) => known === id))
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of: ${artifactIds.join(', ')}`)
  const ids = asked.length > 0 ? (asked as ArtifactId[]) : artifactIds
  for (const id of ids) {
    const work = await mkdtemp(join(tmpdir(), `relock-${id}-`))
    try {
      await mkdir(work, { recursive: true })
      console.log(`${id}: fetching from empty folders …`)
      const lock =
        id === 'kafka' || id === 'druid' || id === 'hive'
          ? await relockJars(id, work)
          : await {
              mosquitto: relockMosquitto,
              superset: relockSuperset,
              connector: relockConnector,
              'tweets-text': relockTweets,
            }[id](work)
      console.log(`${id}: wrote ${lock}`)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }
}

await main()
