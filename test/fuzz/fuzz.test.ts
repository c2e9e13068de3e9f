import { describe, expect, it } from 'vitest'
import { AppError } from '#core/errors.ts'
import { type FuzzTarget, fuzz } from './fuzz.ts'
import { createRandom } from './random.ts'
import { FUZZ_TARGETS } from './targets.ts'

/** The fast part: `npm run fuzz` feeds a million to each. */
const INPUTS = 2_000

describe('every decoder', () => {
  it.each(FUZZ_TARGETS.map((make) => [make.name, make] as const))(
    'takes or refuses whatever it is given: %s',
    async (_, make) => {
      const report = fuzz(await make(), { inputs: INPUTS, seed: 1 })
      expect(report.accepted + report.refused).toBe(INPUTS)
      expect(report.refused).toBeGreaterThan(0)
    },
    60_000,
  )
})

describe('the fuzzer', () => {
  const target = (run: FuzzTarget['run']): FuzzTarget => ({
    name: 'test',
    seeds: [new Uint8Array([1, 2, 3, 4])],
    maxInputBytes: 64,
    codes: ['FINE'],
    run,
  })
  const options = { inputs: 500, seed: 7 }

  it('feeds the same inputs for the same seed, and others for another', () => {
    const inputsOf = (seed: number) => {
      const inputs: string[] = []
      fuzz(
        target((input) => void inputs.push(input.join())),
        { inputs: 200, seed },
      )
      return inputs
    }
    expect(inputsOf(7)).toEqual(inputsOf(7))
    expect(inputsOf(8)).not.toEqual(inputsOf(7))
    expect(new Set(inputsOf(7)).size).toBeGreaterThan(150)
  })

  it.each<[string, FuzzTarget['run'], RegExp]>([
    ['an error that no caller expects', (input) => void input[9]!.toFixed(), /TypeError/],
    [
      'an error of another code',
      (input) => {
        if (input.length > 4) throw new AppError('OTHER', 'other')
      },
      /other/,
    ],
    [
      'an input that takes long',
      (input) => {
        const end = performance.now() + (input.length > 4 ? 110 : 0)
        while (performance.now() < end);
      },
      /took \d+ ms/,
    ],
  ])('finds %s, and gives the input', (_, run, message) => {
    expect(() =>
      fuzz(
        target((input) => (input.length === 4 ? undefined : run(input))),
        options,
      ),
    ).toThrow(message)
    expect(() =>
      fuzz(
        target((input) => (input.length === 4 ? undefined : run(input))),
        options,
      ),
    ).toThrow(/input [0-9a-f]*$/)
  })

  it('finds an input that takes much memory', () => {
    const kept: Uint8Array[] = []
    const run = (input: Uint8Array) => void (input.length > 4 && kept.push(new Uint8Array(80 * 2 ** 20)))
    expect(() => fuzz(target(run), options)).toThrow(/took \d+ bytes/)
  })

  it('has random numbers that are spread and differ by seed', () => {
    const random = createRandom(3)
    const counts = Array.from({ length: 16 }, () => 0)
    for (let i = 0; i < 16_000; i++) counts[random.below(16)]!++
    expect(Math.min(...counts)).toBeGreaterThan(850)
    expect(Math.max(...counts)).toBeLessThan(1_150)
    const streams = Array.from({ length: 200 }, (_, seed) => {
      const { below } = createRandom(seed)
      return [below(2 ** 32), below(2 ** 32)].join()
    })
    expect(new Set(streams).size).toBe(200)
  })
})
