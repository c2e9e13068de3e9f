import { defineConfig } from 'vitest/config'

/** End-to-end tests that mostly wait, for a minute of silence or for processes: two files at a time. */
const LASTING = ['life', 'faults', 'command'].map((name) => `test/e2e/${name}.test.ts`)
const REAL = { environment: 'node', testTimeout: 120_000, hookTimeout: 120_000, retry: 1 } as const

// unit: everything that runs in Node.js alone. lasting and e2e: real Chromium and real relay processes; e2e one file
// after the other.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/bench/**', 'node_modules/**'],
          testTimeout: 30_000,
          maxWorkers: 2,
        },
      },
      {
        test: { ...REAL, name: 'lasting', include: LASTING, maxWorkers: 2 },
      },
      {
        test: {
          ...REAL,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: LASTING,
          fileParallelism: false,
          sequence: { concurrent: false },
        },
      },
    ],
  },
})
