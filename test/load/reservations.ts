/**
 * [RE1] 1,000 reservations and 100 active circuits: below 400 MB and one core, beside js-libp2p's relay with its
 * default options. `npm run load reservations [PEERS [CIRCUITS]]`
 */
import { measureReservations, printTable, runOnBoth } from './relay/scenarios.ts'

const [peers = 1_000, circuits = 100] = process.argv.slice(2).map(Number)
const results = await runOnBoth([], (relay) =>
  measureReservations(relay, { peers, circuits, workers: 4, measureMs: 15_000 }),
)
printTable(`${peers} reservations, ${circuits} circuits with 16 KiB/s each way`, results)
const [ours] = results
const isKept =
  ours.reserved === peers && ours.circuits === circuits && ours.activeMb < 400 && ours.activeCorePercent < 100
console.log(isKept ? '\n[RE1] is kept.' : '\n[RE1] is NOT kept.')
process.exit(isKept ? 0 : 1)
