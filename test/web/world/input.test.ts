import { expect, it } from 'vitest'
import { type InputEvents, listenInput } from '#world/input.ts'

/** As much of a canvas and its page as the pointers use. */
function setUp() {
  const page = Object.assign(new EventTarget(), { defaultView: null })
  const canvas = Object.assign(new EventTarget(), { ownerDocument: page })
  const taps: string[] = []
  const looks: string[] = []
  const events: InputEvents = {
    look: (dx, dy) => looks.push(`${dx},${dy}`),
    tap: (x, y) => taps.push(`${x},${y}`),
    doubleTap: (x, y) => taps.push(`twice ${x},${y}`),
    zoom: () => undefined,
    toggleFly: () => undefined,
    change: () => undefined,
  }
  // of a canvas, only its events and its page are used
  const input = listenInput(canvas as unknown as HTMLCanvasElement, events)
  const send = (to: EventTarget, type: string, [x, y, at]: readonly [number, number, number]) => {
    const event = new Event(type)
    const values = { button: 0, pointerId: 1, clientX: x, clientY: y, timeStamp: at }
    for (const [key, value] of Object.entries(values)) Object.defineProperty(event, key, { value })
    to.dispatchEvent(event)
  }
  const press = (x: number, y: number, at: number) => {
    send(canvas, 'pointerdown', [x, y, at])
    send(canvas, 'pointerup', [x, y, at + 50])
  }
  return {
    taps,
    looks,
    press,
    drag(points: readonly (readonly [number, number])[], at: number) {
      const [[x, y] = [0, 0], ...rest] = points
      send(canvas, 'pointerdown', [x, y, at])
      for (const [toX, toY] of rest) send(canvas, 'pointermove', [toX, toY, at + 20])
      const [endX, endY] = points.at(-1) ?? [x, y]
      send(canvas, 'pointerup', [endX, endY, at + 50])
    },
    pressPage: (x: number, y: number, at: number) => send(page, 'pointerdown', [x, y, at]),
    input,
  }
}

it('a second press on a button that is gone does not go through to the world', () => {
  const { taps, press, pressPage, input } = setUp()
  pressPage(100, 100, 1_000)
  press(102, 101, 1_300)
  press(100, 100, 2_200)
  expect(taps).toEqual([])
  press(100, 100, 4_000)
  expect(taps).toEqual(['100,100'])
  input.stop()
})

it('a press elsewhere in the world is taken at once', () => {
  const { taps, press, pressPage, input } = setUp()
  pressPage(100, 100, 1_000)
  press(300, 100, 1_300)
  expect(taps).toEqual(['300,100'])
  input.stop()
})

it('a press that does not go through turns the view no sooner than any other, and a drag from there does', () => {
  const { taps, looks, drag, pressPage, input } = setUp()
  pressPage(100, 100, 1_000)
  drag(
    [
      [100, 100],
      [101, 100],
      [102, 101],
    ],
    1_300,
  )
  expect([taps, looks]).toEqual([[], []])
  drag(
    [
      [100, 100],
      [101, 100],
      [140, 100],
    ],
    1_500,
  )
  expect([taps, looks]).toEqual([[], ['39,0']])
  input.stop()
})

it('whoever pressed the world elsewhere means the world, where the button was too', () => {
  const { taps, press, pressPage, input } = setUp()
  pressPage(100, 100, 1_000)
  press(300, 100, 1_300)
  press(100, 100, 1_900)
  expect(taps).toEqual(['300,100', '100,100'])
  input.stop()
})
