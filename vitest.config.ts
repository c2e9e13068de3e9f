import { defineConfig } from 'vitest/config'
import { ProcessesFirst } from './scripts/lib/processes-first.ts'
import { chosenUnitLane, PATIENT_TESTS } from './scripts/lib/test-lanes.ts'

const REAL = { environment: 'node', testTimeout: 120_000, hookTimeout: 120_000, retry: 1 } as const
const NOT_UNIT = ['test/e2e/**', 'test/bench/**', 'node_modules/**']

const lane = chosenUnitLane()
const LANES = {
  all: { include: ['test/**/*.test.ts'], exclude: NOT_UNIT, testTimeout: 30_000, maxWorkers: 2 },
  others: {
    include: ['test/**/*.test.ts'],
    exclude: [...NOT_UNIT, ...PATIENT_TESTS],
    testTimeout: 30_000,
    maxWorkers: 2,
  },
  // it gets what a browser leaves of the machine
  patient: {
    include: [...PATIENT_TESTS],
    exclude: NOT_UNIT,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    retry: 1,
    maxWorkers: 2,
  },
}

// unit: everything that runs in Node.js alone. e2e: real Chromium and real relay processes, one file after the other.
export default defineConfig({
  test: {
    sequence: { sequencer: ProcessesFirst },
    projects: [
      { test: { name: 'unit', environment: 'node', ...LANES[lane] } },
      {
        test: {
          ...REAL,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          sequence: { concurrent: false },
        },
      },
    ],
  },
})
