/** What the console itself costs while the stack is idle and one browser looks at the overview. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TestStack } from '#e2e/pipeline/stack.ts'
import { readProcess, residentBytes } from '#lib/runtime/process/processes.ts'
import { launch } from './support/dashboard.ts'
import { report } from './support/harness.ts'
import { createLab } from './support/lab.ts'

const settleSeconds = 60
const measuredSeconds = 120

const pause = (seconds: number) => new Promise((r) => setTimeout(r, seconds * 1000))

const lab = await createLab()
const stack = new TestStack(lab.config.homeDir, 23_000)
try {
  await stack.must('up', '--detach')
  const { pid } = JSON.parse(await readFile(join(lab.config.homeDir, 'console.json'), 'utf8')) as { pid: number }
  const { url } = await stack.json<{ url: string }>('token')
  const browser = await launch(lab.config)
  const page = await browser.newPage()
  await page.goto(url)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await pause(settleSeconds)
  const cpuMs = async () => (await readProcess(pid))?.cpuMs ?? Number.NaN
  const before = await cpuMs()
  const start = performance.now()
  let peak = 0
  for (let s = 0; s < measuredSeconds; s += 5) {
    peak = Math.max(peak, (await residentBytes(pid)) / 2 ** 20)
    await pause(5)
  }
  const percent = (((await cpuMs()) - before) / (performance.now() - start)) * 100
  await browser.close()
  report('console', {
    rounds: 1,
    figures: {
      'console.rss-mb': { value: peak, unit: 'MB', goal: '<= 250' },
      'console.cpu-pct': { value: percent, unit: '%', goal: '<= 3' },
    },
  })
} finally {
  await stack.run('down')
  await lab.remove()
}
