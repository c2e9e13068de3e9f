// `npm run fuzz [NAME…] [-- --inputs N --seed S]`: a million inputs for each decoder, or for those whose names begin so.
// `npm run fuzz contracts`: forge's fuzz tests and invariants of the contracts, with many more runs than usual.
import { parseArgs } from 'node:util'
import { formatReport, fuzz } from '../test/fuzz/fuzz.ts'
import { FUZZ_TARGETS } from '../test/fuzz/targets.ts'
import { runForge } from './lib/forge.ts'
import { describeMachine } from './lib/run-folder.ts'

const { values, positionals } = parseArgs({
  options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
})
if (positionals.includes('contracts')) process.exit(await runForge(['test'], 'long'))
const options = { inputs: Number(values.inputs), seed: Number(values.seed) }
if (!Number.isSafeInteger(options.inputs) || options.inputs < 1 || !Number.isSafeInteger(options.seed)) {
  console.error('--inputs and --seed are whole numbers, and there is one input at least.')
  process.exit(2)
}
const targets = await Promise.all(FUZZ_TARGETS.map((make) => make()))
const chosen = targets.filter(
  ({ name }) => positionals.length === 0 || positionals.some((begin) => name.startsWith(begin)),
)
if (chosen.length === 0) {
  console.error(`There are: contracts, ${targets.map(({ name }) => name).join(', ')}.`)
  process.exit(1)
}
console.log(`Machine: ${describeMachine()}`)
for (const target of chosen) console.log(formatReport(fuzz(target, options)))
