/** What the suites need of the machine beside Node. */
import { findChromium, findMissingTools, installCommand, type MissingTool } from '#lib/artifacts/tools.ts'
import { artifactIds } from '#lib/artifacts/types.ts'
import type { Config } from '#lib/config.ts'
import type { Part } from './suites.ts'

/** Unit tests build the connector alone; all others run on everything. */
export async function missingForTests({ searchPath }: Config, chosen: readonly Part[]): Promise<MissingTool[]> {
  const missing = await findMissingTools(chosen.some((part) => part !== 'unit') ? artifactIds : ['connector'])
  if (!chosen.includes('e2e') || findChromium(searchPath) !== null) return missing
  const why = 'the tests of the pages drive Chromium'
  return [...missing, { tool: 'chromium', why, install: installCommand('chromium') }]
}
