// `npm run contracts:forge [-- ARGUMENTS]`: forge's fuzz tests and invariants of the contracts; `-- coverage` prints
// which part of their lines these reach.
import { runForge } from './lib/forge.ts'

const [first, ...rest] = process.argv.slice(2)
const args =
  first === 'coverage' ? ['coverage', '--report', 'summary', ...rest] : ['test', ...process.argv.slice(2)]
process.exit(await runForge(args))
