/**
 * The replay process: `node lib/replay/main.ts RUN_DIR`. It lives apart from the console, steered by the files of its
 * folder, so that neither's crash stops the other. Light on imports: the first message leaves in a fifth of a second.
 */
import { replay } from './process.ts'

const [path] = process.argv.slice(2)
if (path === undefined) {
  process.stderr.write('usage: node lib/replay/main.ts RUN_DIR\n')
  process.exitCode = 2
} else await replay(path)
