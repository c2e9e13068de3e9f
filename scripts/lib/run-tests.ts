import { ensureChromium } from './find-browser.ts'
import { startPatientRun } from './patient-run.ts'
import { ROOT, runNode } from './root.ts'
import { type Outcome, PROJECTS, type Project, runProject } from './run-project.ts'
import { chooseUnitLane } from './test-lanes.ts'

/**
 * `npm test`: finds or installs a browser, builds, runs the unit and the end-to-end tests and sums
 * them up; the last line printed is `N passed, N failed`. `--only unit|e2e` runs one of the two, and
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

  const isWhole = projects.length === PROJECTS.length && filters.length === 0
  return report(isWhole ? await runAll() : await runChosen(projects, filters))
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

async function runChosen(projects: readonly Project[], filters: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const project of projects) {
    console.log(`\n── ${project} tests`)
    outcomes.push(await runProject(project, filters))
  }
  return outcomes
}

/**
 * Browsers and timings want the machine for themselves, so unit tests that know of time come first, and those with a
 * browser one after the other. These mostly wait: unit tests that are patient run beside them.
 */
async function runAll(): Promise<Outcome[]> {
  console.log('\n── unit tests with network, disk or time')
  chooseUnitLane('others')
  const others = await runProject('unit', [])
  console.log('\n── e2e tests; beside them the other unit tests, which are printed below')
  const patient = startPatientRun()
  const e2e = await runProject('e2e', [])
  const rest = await patient.outcome
  console.log(`\n── unit tests that ran beside them\n${patient.output()}`)
  return [others, rest, e2e]
}

/** Files whose time is told: what makes a run long. */
const SLOWEST = 20

function report(outcomes: readonly Outcome[]): number {
  const skipped = outcomes.flatMap((outcome) => outcome.skipped)
  const retried = outcomes.flatMap((outcome) => outcome.retried)
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
  const slowest = outcomes
    .flatMap((outcome) => outcome.files)
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST)
  console.log()
  for (const { path, ms } of slowest) console.log(`${(ms / 1_000).toFixed(1).padStart(6)} s ${path}`)
  for (const name of retried) console.log(`passed only when tried again: ${name}`)
  for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason}`)
  if (skipped.length > 0) console.log(`${skipped.length} skipped, each for the reason above`)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0 ? 0 : 1
}
