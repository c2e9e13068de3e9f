/**
 * [RE7] 2,000 hostile connections, slow, malformed, oversized, hogging reservations and spamming gossip, while 100
 * honest peers stay served, beside js-libp2p's relay with its default options. `npm run load hostile [HOSTILE [HONEST]]`
 */
import { measureUnderAttack, printTable, runOnBoth } from './relay/scenarios.ts'

const [hostile = 2_000, honest = 100] = process.argv.slice(2).map(Number)
// A reservation of one minute is refreshed during the attack.
const results = await runOnBoth(['--reservation-ttl', '60s'], (relay) =>
  measureUnderAttack(relay, { honest, hostile, attackMs: 70_000, newcomers: 10 }),
)
printTable(`${hostile} hostile connections, ${honest} honest peers`, results)
const [ours] = results
const isServed =
  ours.alive &&
  ours.honestAfter === honest &&
  ours.circuitsAfter === ours.circuitsBefore &&
  ours.circuitsBefore === Math.floor(honest / 2) &&
  ours.echoesFailed === 0 &&
  ours.gossipHeard === ours.gossipExpected
console.log(isServed ? '\n[RE7] The honest peers were served.' : '\n[RE7] The honest peers were NOT served.')
process.exit(isServed ? 0 : 1)
