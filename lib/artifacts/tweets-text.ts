/** Texts of the sample: 4,200 public tweets with a human's sentiment each, out of a source distribution on PyPI (MIT). */
import { readFileSync } from 'node:fs'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FilePin, parseFilePins, verifyFile, verifyFolder } from './pins.ts'
import { run } from './run.ts'
import { ArtifactError, type MakeContext } from './types.ts'

export const tweetsLockFile = join(import.meta.dirname, 'tweets-text.lock')
/** Tab-separated: id, mean sentiment from -4 to 4, text with HTML entities. */
export const tweetsFile = 'tweets_GroundTruth.txt'
/** The notice that has to travel with the text. */
const licenseFile = 'LICENSE.txt'
export const sdist = { name: 'vaderSentiment', version: '3.3.2', file: 'vaderSentiment-3.3.2.tar.gz' }

export const tweetsPins = (): FilePin[] => parseFilePins(readFileSync(tweetsLockFile, 'utf8'), tweetsLockFile).files
/** Those of the files that end up in the folder. */
export const tweetsFolderPins = (): FilePin[] => tweetsPins().filter((pin) => pin.file !== sdist.file)

/**
 * pip cannot download a source distribution without asking its build system for its name. This build system answers from the
 * package's own PKG-INFO, so that nothing of the package is executed and nothing has to be installed.
 */
const backend = `import os, shutil
class Backend:
    def get_requires_for_build_wheel(self, config_settings=None):
        return []
    def prepare_metadata_for_build_wheel(self, metadata_directory, config_settings=None):
        name = '${sdist.name}-${sdist.version}.dist-info'
        os.makedirs(os.path.join(metadata_directory, name))
        shutil.copy('PKG-INFO', os.path.join(metadata_directory, name, 'METADATA'))
        return name
__legacy__ = Backend()
`

/** Lets pip download the source distribution into `dir`; with a hash, pip refuses any other file. */
export async function downloadSdist(dir: string, sha256: string | null, signal: AbortSignal): Promise<void> {
  const stub = join(dir, 'backend', 'setuptools')
  await mkdir(stub, { recursive: true })
  await writeFile(join(stub, '__init__.py'), '')
  await writeFile(join(stub, 'build_meta.py'), backend)
  const requirements = join(dir, 'requirements.txt')
  const hash = sha256 === null ? '' : ` --hash=sha256:${sha256}`
  await writeFile(requirements, `${sdist.name}==${sdist.version}${hash}\n`)
  const pip = ['python3', '-m', 'pip', 'download', '--disable-pip-version-check', '--no-deps', '--no-binary', ':all:']
  const args = [...pip, '--no-build-isolation', '--use-pep517', '-d', dir, '-r', requirements]
  const { code, tail } = await run('env', [`PYTHONPATH=${join(dir, 'backend')}`, ...args], { signal })
  if (code === 0) return
  if (tail.some((line) => line.includes('DO NOT MATCH THE HASHES')))
    throw new ArtifactError('checksum', `pip was served a ${sdist.file} with another SHA-256 than ${sha256}`, {
      file: sdist.file,
      hint: 'Start again. If it happens twice, the package index serves another file than the pinned one.',
    })
  throw new ArtifactError('download', `pip could not fetch ${sdist.file}:\n${tail.slice(-6).join('\n')}`, {
    file: sdist.file,
    hint: 'Check the network and the index in pip.conf, then start again.',
  })
}

/** Unpacks the text and the licence out of the source distribution in `dir`; resolves to their paths. */
export async function unpackSdist(dir: string, signal: AbortSignal): Promise<{ text: string; license: string }> {
  const top = `${sdist.name}-${sdist.version}`
  const inner = `${top}/additional_resources/hutto_ICWSM_2014.tar.gz`
  const text = `hutto_ICWSM_2014/${tweetsFile}`
  const license = `${top}/${licenseFile}`
  // Run by root, tar would give the files the owners and the modes of whoever packed them.
  const plain = ['--no-same-owner', '--no-same-permissions', '-C', dir]
  for (const args of [
    ['-xzf', join(dir, sdist.file), inner, license],
    ['-xzf', join(dir, inner), text],
  ]) {
    const { code, tail } = await run('tar', [...plain, ...args], { signal })
    if (code !== 0)
      throw new ArtifactError('build', `${sdist.file} cannot be unpacked: ${tail.join(' ')}`, {
        file: sdist.file,
        hint: 'Start again to fetch it anew.',
      })
  }
  return { text: join(dir, text), license: join(dir, license) }
}

export async function makeTweetsText(context: MakeContext): Promise<void> {
  const { workDir, outDir, signal, report } = context
  const pin = tweetsPins().find(({ file }) => file === sdist.file)
  if (pin === undefined)
    throw new ArtifactError('checksum', `${sdist.file} is not in ${tweetsLockFile}`, {
      file: tweetsLockFile,
      hint: 'Write the lock anew with: node lib/artifacts/relock.ts tweets-text',
    })
  const progress = { file: pin.file, totalBytes: pin.bytes, remainingSeconds: null }
  report({ ...progress, phase: 'downloading', doneBytes: 0 })
  // pip would keep an old file of that name, broken or not.
  await rm(join(workDir, pin.file), { force: true })
  await downloadSdist(workDir, pin.sha256, signal)
  report({ ...progress, phase: 'verifying', doneBytes: pin.bytes })
  await verifyFile(workDir, pin, signal)
  const { text, license } = await unpackSdist(workDir, signal)
  await copyFile(text, join(outDir, tweetsFile))
  await copyFile(license, join(outDir, licenseFile))
  await verifyFolder(outDir, tweetsFolderPins(), { signal })
}
