import { expect, it } from 'vitest'
import { createClock } from '#peer/clock.ts'

const HOUR_MS = 3_600_000
const START = 1_795_000_000_000

function make() {
  const device = { wall: START, steady: 5_000 }
  const clock = createClock({ wall: () => device.wall, steady: () => device.steady })
  return {
    clock,
    device,
    pass(ms: number): void {
      device.wall += ms
      device.steady += ms
    },
  }
}

it('follows the device, and calls no drift a jump', () => {
  const { clock, device, pass } = make()
  pass(60_000)
  device.wall += 2_000
  expect(clock.check()).toBe(false)
  expect(clock.now()).toBe(START + 62_000)
})

it('believes the device after a jump that nobody contradicts, as after a sleep', () => {
  const { clock, device } = make()
  device.wall += 8 * HOUR_MS
  expect(clock.check()).toBe(true)
  expect(clock.check()).toBe(false)
  expect(clock.now()).toBe(device.wall)
})

it.each([HOUR_MS, -HOUR_MS])(
  'keeps its time when the clock was set by %d ms and others disagree',
  (shift) => {
    const { clock, device, pass } = make()
    device.wall += shift
    expect(clock.check()).toBe(true)
    pass(5_000)
    clock.hear('A', START + 5_000)
    clock.check()
    expect(clock.now()).toBe(START + 5_000)
    pass(30_000)
    clock.hear('A', START + 35_000)
    device.wall -= shift
    expect(clock.check()).toBe(true)
    expect(clock.now()).toBe(START + 35_000)
  },
)

it('takes the new time of a clock that was wrong and is set right', () => {
  const { clock, device, pass } = make()
  pass(10_000)
  device.wall -= HOUR_MS
  clock.check()
  clock.hear('A', device.wall + 300)
  clock.check()
  expect(clock.now()).toBe(device.wall)
  pass(120_000)
  clock.check()
  expect(clock.now()).toBe(device.wall)
})

it('asks the majority, of those heard lately only', () => {
  const { clock, device, pass } = make()
  device.wall += HOUR_MS
  clock.check()
  clock.hear('liar', device.wall)
  clock.hear('A', START)
  clock.hear('B', START)
  clock.check()
  expect(clock.now()).toBe(START)
  pass(61_000)
  clock.check()
  expect(clock.now()).toBe(device.wall)
})
