import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Outcome } from '../../../scripts/lib/run-project.ts'
import { type RunTestsComponents, runTests } from '../../../scripts/lib/run-tests.ts'
import { chooseUnitLane, chosenUnitLane } from '../../../scripts/lib/test-lanes.ts'

const PASSED: Outcome = { passed: 1, failed: [], skipped: [], retried: [], files: [] }

const lane = chosenUnitLane()
beforeEach(() => {
  vi.stubEnv('CHROMIUM', process.env.CHROMIUM)
  for (const method of ['log', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => {})
})
afterEach(() => {
  chooseUnitLane(lane)
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** A run of which each part ends when told; `under` names those that still run. */
function start(args: readonly string[] = []) {
  const ends = new Map<string, PromiseWithResolvers<void>>()
  function part(name: string): Promise<void> {
    const end = Promise.withResolvers<void>()
    ends.set(name, end)
    return end.promise.finally(() => ends.delete(name))
  }
  let isPatientStopped = false
  const components: RunTestsComponents = {
    ensureChromium: () => part('browser').then(() => '/usr/bin/chromium'),
    runNode: (script) =>
      part(script).then(
        () => 0,
        () => 1,
      ),
    runProject: (project) => part(project).then(() => PASSED),
    startPatientRun() {
      const outcome = part('patient').then(() => PASSED)
      return {
        outcome,
        output: () => '',
        async stop() {
          isPatientStopped = true
          ends.get('patient')?.resolve()
          await outcome
        },
      }
    },
  }
  let code: number | undefined
  void runTests(args, components).then((result) => {
    code = result
  })
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    under: () => [...ends.keys()].sort(),
    code: () => code,
    isPatientStopped: () => isPatientStopped,
    async end(name: string) {
      ends.get(name)!.resolve()
      await settle()
    },
    async fail(name: string) {
      ends.get(name)!.reject(new Error(`${name} failed`))
      await settle()
    },
  }
}

const [BUILD, SINGLE] = ['scripts/build.ts', 'scripts/build-single.ts']

describe('a whole run', () => {
  it('takes the patient tests beside all others once the browser is there', async () => {
    const run = start()
    expect(run.under()).toEqual(['browser', BUILD].sort())
    await run.end(BUILD)
    expect(run.under()).toEqual(['browser', SINGLE, 'unit'].sort())
    await run.end('browser')
    expect(run.under()).toEqual(['patient', SINGLE, 'unit'].sort())
    await run.end(SINGLE)
    await run.end('unit')
    expect(run.under()).toEqual(['e2e', 'patient'])
    await run.end('e2e')
    expect(run.code()).toBeUndefined()
    await run.end('patient')
    expect(run.code()).toBe(0)
  })

  it('stops the patient tests when it fails', async () => {
    const run = start()
    await run.end('browser')
    await run.end(BUILD)
    await run.fail(SINGLE)
    await run.end('unit')
    expect([run.code(), run.under(), run.isPatientStopped()]).toEqual([1, [], true])
  })

  it('ends when an install is over, which would go on without it', async () => {
    const run = start()
    await run.fail(BUILD)
    expect([run.code(), run.under()]).toEqual([undefined, ['browser']])
    await run.end('browser')
    expect(run.code()).toBe(1)
  })
})

it('a run of chosen tests ends when a build is over, which would go on without it', async () => {
  const run = start(['--only', 'e2e'])
  await run.end(BUILD)
  await run.fail('browser')
  expect([run.code(), run.under()]).toEqual([undefined, [SINGLE]])
  await run.end(SINGLE)
  expect([run.code(), run.under()]).toEqual([1, []])
})
