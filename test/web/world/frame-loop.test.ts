import { expect, test } from 'vitest'
import { FrameLoop, type FrameSource } from '#world/frame-loop.ts'

/** Frames that come when the test says so. */
function createManualFrames() {
  let pending: ((timestampMs: number) => void) | undefined
  const source: FrameSource = {
    request(callback) {
      pending = callback
      return 1
    },
    cancel() {
      pending = undefined
    },
  }
  return {
    source,
    get isPending() {
      return pending !== undefined
    },
    fire(timestampMs: number) {
      const callback = pending
      pending = undefined
      callback?.(timestampMs)
    },
  }
}

test('[WO1] nothing is scheduled until something asks, and nothing after it is drawn', () => {
  const frames = createManualFrames()
  let drawn = 0
  const loop = new FrameLoop(frames.source, () => {
    drawn += 1
    return Infinity
  })
  expect(frames.isPending).toBe(false)
  loop.invalidate()
  loop.invalidate()
  frames.fire(0)
  expect(drawn).toBe(1)
  expect(frames.isPending).toBe(false)
})

test('goes on as long as something moves, with bounded steps', () => {
  const frames = createManualFrames()
  const steps: number[] = []
  const loop = new FrameLoop(frames.source, (dt) => {
    steps.push(dt)
    return steps.length < 4 ? 0 : Infinity
  })
  loop.invalidate()
  for (const time of [1000, 1016, 1032, 9000]) frames.fire(time)
  expect(frames.isPending).toBe(false)
  expect(steps.map((step) => Math.round(step * 1000))).toEqual([17, 16, 16, 500])
})

test('after a rest the first step is one frame, not the whole pause', () => {
  const frames = createManualFrames()
  const steps: number[] = []
  const loop = new FrameLoop(frames.source, (dt) => {
    steps.push(dt)
    return Infinity
  })
  for (const time of [0, 60_000]) {
    loop.invalidate()
    frames.fire(time)
  }
  expect(steps[1]).toBeCloseTo(1 / 60)
})

test('a slow rate skips frames, and a change is drawn at once', () => {
  const frames = createManualFrames()
  let drawn = 0
  const loop = new FrameLoop(frames.source, () => {
    drawn += 1
    return 100
  })
  loop.invalidate()
  for (const time of [0, 16, 33, 50, 99]) frames.fire(time)
  expect(drawn).toBe(1)
  frames.fire(100)
  expect(drawn).toBe(2)
  loop.invalidate()
  frames.fire(116)
  expect(drawn).toBe(3)
})

test('a change during a frame gets the next frame', () => {
  const frames = createManualFrames()
  let drawn = 0
  const loop: FrameLoop = new FrameLoop(frames.source, () => {
    drawn += 1
    if (drawn === 1) loop.invalidate()
    return Infinity
  })
  loop.invalidate()
  frames.fire(0)
  expect(frames.isPending).toBe(true)
  frames.fire(16)
  expect(drawn).toBe(2)
  expect(frames.isPending).toBe(false)
})

test('a stopped loop draws nothing more', () => {
  const frames = createManualFrames()
  const loop = new FrameLoop(frames.source, () => Infinity)
  loop.invalidate()
  loop.stop()
  expect(frames.isPending).toBe(false)
  loop.invalidate()
  expect(frames.isPending).toBe(false)
})
