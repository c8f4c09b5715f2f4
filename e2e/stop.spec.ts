/** The end of the story, after all other specs: a service dies, and the stack stops from the browser. */
import { browserStack } from './support/console.ts'
import { enter, expect, expectAccessible, test, visit } from './support/test.ts'

test.describe.configure({ mode: 'serial' })

test('a service that is killed is seen and comes back', async ({ page }) => {
  await enter(page)
  await visit(page, '/services')
  const before = await browserStack().startedAt('mosquitto')
  await browserStack().kill('mosquitto')
  await expect(page.getByText(/signal SIGKILL/).first()).toBeVisible()
  await expect
    .poll(async () => (await browserStack().startedAt('mosquitto')) ?? before, { timeout: 60_000 })
    .not.toBe(before)
  // With its last words on the page.
  await expectAccessible(page)
})

test('the stack stops from the browser', async ({ page }) => {
  await enter(page)
  await page.getByRole('button', { name: 'Stop stack' }).click()
  await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Stop stack' }).click()
  await expect(page.getByRole('banner').getByText('Stopped', { exact: true })).toBeVisible({ timeout: 400_000 })
  await expect(page.getByRole('button', { name: 'Start stack' })).toBeVisible()
})
