// `npm run bench [NAME…]`: runs every file of test/bench one after the other, or those whose names begin so.
import { runFolder } from './lib/run-folder.ts'

const names = process.argv.slice(2)
const failed = await runFolder({
  folder: 'test/bench',
  kind: 'benchmark',
  names: names.length === 0 ? [''] : names,
})
process.exit(failed === 0 ? 0 : 1)
