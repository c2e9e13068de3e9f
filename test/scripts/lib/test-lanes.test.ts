import { globSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { ROOT } from '../../../scripts/lib/root.ts'
import { chooseUnitLane, chosenUnitLane, PATIENT_TESTS } from '../../../scripts/lib/test-lanes.ts'

describe('lanes of unit tests', () => {
  const before = chosenUnitLane()
  afterEach(() => chooseUnitLane(before))

  it('are told to the runs that this process starts', () => {
    chooseUnitLane('patient')
    expect(chosenUnitLane()).toBe('patient')
    chooseUnitLane('all')
    expect(chosenUnitLane()).toBe('all')
  })

  it('name no folder that is gone', () => {
    for (const pattern of PATIENT_TESTS) expect(globSync(pattern, { cwd: ROOT }), pattern).not.toEqual([])
  })
})
