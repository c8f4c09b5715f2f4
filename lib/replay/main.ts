/**
 * The replay process: `node lib/replay/main.ts RUN_DIR`. It lives apart from the console, steered by the files of its
 * folder, so that neither's crash stops the other. Light on imports, and with its code kept compiled beside the runs:
 * the first message leaves in a fifth of a second.
 */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

const [path] = process.argv.slice(2)
if (path === undefined) {
  process.stderr.write('usage: node lib/replay/main.ts RUN_DIR\n')
  process.exitCode = 2
} else {
  enableCompileCache(join(path, '..', '..', 'code-cache'))
  const { replay } = await import('./process.ts')
  await replay(path)
}
