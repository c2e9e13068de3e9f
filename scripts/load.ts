// `npm run load NAME [ARGUMENT…]`: runs one file of test/load, which takes minutes; test/load/README.md lists them.
import { runFolder } from './lib/run-folder.ts'

const [name = '?', ...args] = process.argv.slice(2)
const failed = await runFolder({ folder: 'test/load', kind: 'load test', names: [name], args })
process.exit(failed === 0 ? 0 : 1)
