/** Every spec's page: an error in the browser's console or an axe finding fails the test. */
import AxeBuilder from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import { browserStack } from './console.ts'

export { expect }

/** Errors that the test itself provokes and has named beforehand. */
type Expected = { expectedErrors: RegExp[] }

export const test = base.extend<Expected>({
  expectedErrors: [[], { option: true }],
  page: async ({ page, expectedErrors }, use) => {
    const errors: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', (error) => errors.push(String(error)))
    await use(page)
    expect(errors.filter((e) => !expectedErrors.some((known) => known.test(e)))).toEqual([])
  },
})

/** The server draws pages first: they take clicks once their scripts have run, and show what is when their socket is open. */
const alive = (page: Page) => expect(page.getByRole('banner').getByText(/^(Live|En vivo)$/)).toBeVisible()

/** Enters with a fresh one-time link, as a person would. */
export async function enter(page: Page, role = 'admin'): Promise<void> {
  const { url } = await browserStack().json<{ url: string }>('token', '--role', role)
  await page.goto(url)
  await expect(page.getByRole('heading', { name: /overview|resumen/i, level: 1 })).toBeVisible()
  await alive(page)
}

/** Of one who has entered. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(`http://localhost:${browserStack().port(4400)}${path}`)
  await alive(page)
}

/** `exclude`: a selector of what is not ours to mend. */
export async function expectAccessible(page: Page, { exclude }: { exclude?: string } = {}): Promise<void> {
  const builder = new AxeBuilder({ page })
  const { violations } = await (exclude === undefined ? builder : builder.exclude(exclude)).analyze()
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([])
}

export const widths = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const

/** Keeps a picture for the documentation, at both widths, in light and dark. */
export async function picture(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(widths)) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await expect(page.locator('html')).toHaveClass(new RegExp(colorScheme))
      await expectAccessible(page)
      await page.screenshot({ path: `docs/screenshots/${name}-${size === 'wide' ? 1440 : 390}-${colorScheme}.png` })
    }
  }
  await page.setViewportSize(widths.wide)
  await page.emulateMedia({ colorScheme: 'light' })
}
