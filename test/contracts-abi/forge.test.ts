import { execFile } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { describeMissingForge, forgeCall } from '../../scripts/lib/forge.ts'

/** Compiling alone takes half a minute of a busy core. */
const TIMEOUT_MS = 600_000
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

describe('[CH18] fuzz tests and invariants of the contracts', () => {
  it('hold for the inputs and the sequences of calls that forge tries', {
    timeout: TIMEOUT_MS,
  }, async (context) => {
    const call = forgeCall(['test'])
    if (call === undefined) return context.skip(describeMissingForge())
    const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
      const options = { env: call.env, maxBuffer: MAX_OUTPUT_BYTES }
      execFile(call.binary, call.args, options, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, output: stdout + stderr }),
      )
    })
    expect(code, output).toBe(0)
    expect(output).toMatch(/ [1-9]\d* tests passed, 0 failed, 0 skipped/)
  })
})
