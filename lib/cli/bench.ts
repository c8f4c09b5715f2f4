/** `bench NAME`: measures ours against the peer. */
import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { CliError, exitCodes } from './output.ts'

const folder = resolve(import.meta.dirname, '..', '..', 'bench')
const isBench = (file: string): boolean => /^[\w-]+\.ts$/.test(file)

export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .description('run a benchmark and write bench/results/NAME.json')
    .argument('[name]', 'without one, lists them')
    .argument('[options...]', 'passed on to the benchmark')
    .passThroughOptions()
    .action(async (name: string | undefined, options: readonly string[]) => {
      const names = (await readdir(folder)).filter(isBench).map((file) => file.replace(/\.ts$/, ''))
      if (name === undefined || !names.includes(name)) {
        throw new CliError(
          exitCodes.usage,
          name === undefined ? 'Which one?' : `There is no benchmark ${name}`,
          `There are: ${names.join(', ')}`,
        )
      }
      const code = await runToEnd(join(folder, `${name}.ts`), options)
      if (code !== 0) throw new CliError(exitCodes.failed, `The benchmark ${name} failed`)
    })
}

function runToEnd(file: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' })
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', done)
  })
}
