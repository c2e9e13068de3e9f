// `npm test`. Plain JavaScript until the right Node.js is certain.
import { requireNode } from './lib/require-node.js'

requireNode('npm test')
const { runTests } = await import('./lib/run-tests.ts')
process.exit(await runTests(process.argv.slice(2)))
