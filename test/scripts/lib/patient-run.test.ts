import { expect, it } from 'vitest'
import { startPatientRun } from '../../../scripts/lib/patient-run.ts'

it('ends when it is stopped, whatever it has come to', async () => {
  const { stop, outcome } = startPatientRun()
  await stop()
  expect((await outcome).failed).toEqual(['the tests beside them ended without a word'])
})
