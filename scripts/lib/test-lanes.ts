/**
 * Unit tests to which being slow does not matter: of code that knows no network and no time, and of whole processes,
 * certificates and chains, which have minutes. The whole run takes them beside all others, with what those leave of
 * the machine: little at first, much once the end-to-end tests run, which mostly wait.
 */
export const PATIENT_TESTS: readonly string[] = [
  'test/web/{core,merkle,graph,objects,chain,api,ui,world}/**/*.test.ts',
  'test/web/seed/blockstore/**/*.test.ts',
  'test/{contracts-abi,fuzz,wasm,webgpu}/**/*.test.ts',
  'test/relay/{auto-tls,cache,cli,doctor,local-chain}/**/*.test.ts',
  'test/relay/{fleet,follower,machine-services,sample-world}.test.ts',
  'test/architecture.test.ts',
]

/** Which unit tests a run takes; `vitest` itself takes all. */
export type UnitLane = 'all' | 'patient' | 'others'

const LANE_VARIABLE = 'TABLAND_UNIT_LANE'

/** Chooses for the runs of this process, and of those that it starts. */
export function chooseUnitLane(lane: UnitLane): void {
  process.env[LANE_VARIABLE] = lane
}

/** What vitest's configuration makes of the choice. */
export function chosenUnitLane(): UnitLane {
  const lane = process.env[LANE_VARIABLE]
  return lane === 'patient' || lane === 'others' ? lane : 'all'
}
