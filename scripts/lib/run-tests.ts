import { ensureChromium } from './find-browser.ts'
import { type PatientRun, startPatientRun } from './patient-run.ts'
import { ROOT, runNode } from './root.ts'
import { type Outcome, PROJECTS, type Project, runProject } from './run-project.ts'
import { chooseUnitLane } from './test-lanes.ts'

/** What a run starts: an install, builds and tests. */
export interface RunTestsComponents {
  readonly ensureChromium: () => Promise<string>
  readonly runNode: typeof runNode
  readonly startPatientRun: () => PatientRun
  readonly runProject: typeof runProject
}

const COMPONENTS: RunTestsComponents = { ensureChromium, runNode, startPatientRun, runProject }

/**
 * `npm test`: finds or installs a browser, builds, runs the unit and the end-to-end tests and sums
 * them up; the last line printed is `N passed, N failed`. `--only unit|e2e` runs one of the two, and
 * further arguments choose test files.
 *
 * @param components @default the real ones
 * @returns the exit code, once nothing that it started still runs
 */
export async function runTests(args: readonly string[], components = COMPONENTS): Promise<number> {
  process.chdir(ROOT)
  const { projects, filters } = parseArguments(args)
  const browser = projects.includes('e2e') ? prepareBrowser(components) : undefined
  browser?.catch(() => {}) // as below: it may fail while the page is built
  let single: Promise<void> | undefined
  try {
    await runScript('scripts/build.ts', components)
    single = browser && runScript('scripts/build-single.ts', components)
    const ready = Promise.all([browser, single])
    ready.catch(() => {}) // whoever awaits it tells
    const isWhole = projects.length === PROJECTS.length && filters.length === 0
    if (!isWhole) await ready
    return report(
      isWhole ? await runAll({ browser, ready }, components) : await runChosen(projects, filters, components),
    )
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  } finally {
    await Promise.allSettled([browser, single])
  }
}

async function prepareBrowser({ ensureChromium }: RunTestsComponents): Promise<void> {
  const browser = await ensureChromium()
  process.env.CHROMIUM = browser
  console.log(`Browser: ${browser}`)
}

async function runScript(script: string, { runNode }: RunTestsComponents): Promise<void> {
  if ((await runNode(script, ['--if-stale'])) !== 0) throw new Error(`${script} failed; see above.`)
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

async function runChosen(
  projects: readonly Project[],
  filters: readonly string[],
  { runProject }: RunTestsComponents,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const project of projects) {
    console.log(`\n── ${project} tests`)
    outcomes.push(await runProject(project, filters))
  }
  return outcomes
}

/**
 * Unit tests that know of time come first, while a browser that is missing is installed. Tests with a browser follow,
 * one after the other, and mostly wait. Unit tests that are patient run beside both, at a low priority, from the moment
 * the browser is there: alone at the end they would make the run longer.
 */
async function runAll(
  { browser, ready }: { readonly browser: Promise<void> | undefined; readonly ready: Promise<unknown> },
  { startPatientRun, runProject }: RunTestsComponents,
): Promise<Outcome[]> {
  // some of them compute by the graphics driver that comes with the browser
  const patient = (async () => {
    await browser
    return startPatientRun()
  })()
  patient.catch(() => {}) // `ready` tells
  try {
    console.log('\n── unit tests with network, disk or time')
    chooseUnitLane('others')
    const others = await timed('unit tests with network, disk or time', runProject('unit', []))
    await ready
    console.log('\n── e2e tests; beside them the other unit tests, which are printed below')
    const e2e = await timed('e2e tests', runProject('e2e', []))
    const { outcome, output } = await patient
    const rest = await timed('what was left of the other unit tests', outcome)
    console.log(`\n── unit tests that ran beside them\n${output()}`)
    return [others, rest, e2e]
  } finally {
    await patient.then(
      ({ stop }) => stop(),
      () => {},
    )
  }
}

async function timed<T>(what: string, work: Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const result = await work
  console.log(`${what}: ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`)
  return result
}

/** Files whose time is told: what makes a run long. */
const SLOWEST = 20

function report(outcomes: readonly Outcome[]): number {
  const skipped = outcomes.flatMap((outcome) => outcome.skipped)
  const retried = outcomes.flatMap((outcome) => outcome.retried)
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failed = outcomes.flatMap((outcome) => outcome.failed)
  const slowest = outcomes
    .flatMap((outcome) => outcome.files)
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST)
  console.log()
  for (const { path, ms } of slowest) console.log(`${(ms / 1_000).toFixed(1).padStart(6)} s ${path}`)
  for (const name of retried) console.log(`passed only when tried again: ${name}`)
  for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason}`)
  if (skipped.length > 0) console.log(`${skipped.length} skipped, each for the reason above`)
  for (const name of failed) console.log(`failed: ${name}`)
  console.log(`${passed} passed, ${failed.length} failed`)
  return failed.length === 0 && passed > 0 ? 0 : 1
}
