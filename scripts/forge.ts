// `npm run contracts:forge`: forge's fuzz tests and invariants of the contracts, then which lines of them these reach.
// With arguments, `npm run contracts:forge -- ARGUMENTS`, the tests alone, which forge is given them for.
import { mkdir, readFile } from 'node:fs/promises'
import { formatCoverage, parseLcov, percentOf, sumLines } from './lib/coverage.ts'
import { runForge } from './lib/forge.ts'
import { ROOT } from './lib/root.ts'

/** [CH18], in percent of all lines of contracts-abi/src. */
const LEAST_LINES = 95
const FOLDER = `${ROOT}node_modules/.cache/forge/`
const REPORT = `${FOLDER}lcov.info`

const args = process.argv.slice(2)
const failed = await runForge(['test', ...args])
if (failed !== 0 || args.length > 0) process.exit(failed)

await mkdir(FOLDER, { recursive: true })
const report = [
  '--report',
  'lcov',
  '--report-file',
  REPORT,
  '--no-match-coverage',
  'contracts-abi/forge|node_modules',
]
const uncounted = await runForge(['coverage', ...report])
if (uncounted !== 0) process.exit(uncounted)
const files = parseLcov(await readFile(REPORT, 'utf8'))
const percent = percentOf(sumLines(files))
console.log(`\n${formatCoverage(files)}`)
console.log(`${percent.toFixed(1)} % of the contracts' lines; at least ${LEAST_LINES} % are to be reached.`)
process.exit(files.length > 0 && percent >= LEAST_LINES ? 0 : 1)
