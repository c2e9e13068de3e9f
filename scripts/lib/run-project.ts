import type { TestCase, TestModule } from 'vitest/node'
import { startVitest } from 'vitest/node'

export const PROJECTS = ['unit', 'e2e'] as const
export type Project = (typeof PROJECTS)[number]

export interface Outcome {
  readonly passed: number
  /** failed tests, files that did not load, and errors that no test caught: each with the first line of its reason */
  readonly failed: readonly string[]
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
  /** passed, but not at the first attempt */
  readonly retried: readonly string[]
  /** how long the tests of each file took */
  readonly files: readonly { readonly path: string; readonly ms: number }[]
}

/** Runs one of vitest's projects in this process, with the files whose paths contain one of `filters`, or all. */
export async function runProject(project: Project, filters: readonly string[]): Promise<Outcome> {
  const vitest = await startVitest('test', [...filters], {
    project: [project],
    watch: false,
    passWithNoTests: filters.length > 0,
  })
  const modules = vitest.state.getTestModules()
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const outcome = {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed: [
      ...tests.flatMap(failureOf),
      ...modules.filter(failedToLoad).map((module) => `${module.relativeModuleId} did not load`),
      ...vitest.state.getUnhandledErrors().map((error) => `nobody caught: ${firstLine(error)}`),
    ],
    skipped: tests.flatMap(skipOf),
    retried: tests
      .filter((test) => test.ok() && (test.diagnostic()?.retryCount ?? 0) > 0)
      .map((test) => test.fullName),
    files: modules.map((module) => ({
      path: module.relativeModuleId,
      ms: Math.round(module.diagnostic().duration),
    })),
  }
  await vitest.close()
  return outcome
}

/** A file whose own code threw has no failed test that would tell. */
function failedToLoad(module: TestModule): boolean {
  const suites = [...module.children.allSuites()]
  return module.errors().length > 0 || suites.some((suite) => suite.errors().length > 0)
}

function failureOf(test: TestCase): string[] {
  const { state, errors } = test.result()
  if (state !== 'failed' && state !== 'pending') return []
  return [`${test.module.relativeModuleId}: ${test.fullName}: ${firstLine(errors?.[0] ?? 'it did not end')}`]
}

function firstLine(error: unknown): string {
  const message = error instanceof Object && 'message' in error ? error.message : error
  return String(message).split('\n', 1)[0] as string
}

function skipOf(test: TestCase): { name: string; reason: string }[] {
  const result = test.result()
  if (result.state !== 'skipped') return []
  return [{ name: test.fullName, reason: result.note ?? 'no reason given' }]
}
