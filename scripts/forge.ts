// `npm run contracts:forge [-- ARGUMENTS]`: forge's fuzz tests and invariants of the contracts.
import { runForge } from './lib/forge.ts'

process.exit(await runForge(['test', ...process.argv.slice(2)]))
