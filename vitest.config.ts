import { defineConfig } from 'vitest/config'

const REAL = { environment: 'node', testTimeout: 120_000, hookTimeout: 120_000, retry: 1 } as const

// unit: everything that runs in Node.js alone. e2e: real Chromium and real relay processes, one file after the other.
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
