import type { TestCase, TestModule } from 'vitest/node'
import { startVitest } from 'vitest/node'
import { ensureChromium } from './find-browser.ts'
import { ROOT, runNode } from './root.ts'

const PROJECTS = ['unit', 'e2e'] as const
type Project = (typeof PROJECTS)[number]

interface Outcome {
  readonly passed: number
  /** failed tests, files that did not load, and errors that no test caught */
  readonly failed: number
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
  /** passed, but not at the first attempt */
  readonly retried: readonly string[]
}

/**
 * `npm test`: finds or installs a browser, builds, runs the unit and the end-to-end tests one after the other
 * and sums them up; the last line printed is `N passed, N failed`. `--only unit|e2e` runs one of the two, and
 * further arguments choose test files.
 *
 * @returns the exit code
 */
export async function runTests(args: readonly string[]): Promise<number> {
  process.chdir(ROOT)
  const { projects, filters } = parseArguments(args)
  try {
    if (projects.includes('e2e')) {
      process.env.CHROMIUM = await ensureChromium()
      console.log(`Browser: ${process.env.CHROMIUM}`)
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  }
  if ((await runNode('scripts/build.ts', ['--if-stale'])) !== 0) return 1
  const needsSingle = projects.includes('e2e')
  if (needsSingle && (await runNode('scripts/build-single.ts', ['--if-stale'])) !== 0) return 1

  const outcomes: Outcome[] = []
  for (const project of projects) outcomes.push(await runProject(project, filters))
  return report(outcomes)
}

function parseArguments(args: readonly string[]): { projects: readonly Project[]; filters: string[] } {
  const at = args.indexOf('--only')
  if (at === -1) return { projects: PROJECTS, filters: [...args] }
  const chosen = PROJECTS.find((project) => project === args[at + 1])
  if (chosen === undefined) {
    console.error(`--only takes ${PROJECTS.join(' or ')}, got ${args[at + 1] ?? 'nothing'}.`)
    process.exit(1)
  }
  return { projects: [chosen], filters: args.toSpliced(at, 2) }
}

/** Browsers and timings want the machine for themselves, so each project has its run. */
async function runProject(project: Project, filters: string[]): Promise<Outcome> {
  console.log(`\n── ${project} tests`)
  const vitest = await startVitest('test', filters, {
    project: [project],
    watch: false,
    passWithNoTests: filters.length > 0,
  })
  const modules = vitest.state.getTestModules()
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const outcome = {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed:
      tests.filter((test) => test.result().state === 'failed' || test.result().state === 'pending').length +
      modules.filter(failedToLoad).length +
      vitest.state.getUnhandledErrors().length,
    skipped: tests.flatMap(skipOf),
    retried: tests
      .filter((test) => test.ok() && (test.diagnostic()?.retryCount ?? 0) > 0)
      .map((test) => test.fullName),
  }
  await vitest.close()
  return outcome
}

/** A file whose own code threw has no failed test that would tell. */
function failedToLoad(module: TestModule): boolean {
  const suites = [...module.children.allSuites()]
  return module.errors().length > 0 || suites.some((suite) => suite.errors().length > 0)
}

function skipOf(test: TestCase): { name: string; reason: string }[] {
  const result = test.result()
  if (result.state !== 'skipped') return []
  return [{ name: test.fullName, reason: result.note ?? 'no reason given' }]
}

function report(outcomes: readonly Outcome[]): number {
  const skipped = outcomes.flatMap((outcome) => outcome.skipped)
  const retried = outcomes.flatMap((outcome) => outcome.retried)
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
  console.log()
  for (const name of retried) console.log(`passed only when tried again: ${name}`)
  for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason}`)
  if (skipped.length > 0) console.log(`${skipped.length} skipped, each for the reason above`)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0 ? 0 : 1
}
