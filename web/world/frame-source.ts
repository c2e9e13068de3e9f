import type { FrameSource } from './frame-loop.ts'

/** Frames of the screen; without one, timers. */
export function frameSource(): FrameSource {
  if (typeof requestAnimationFrame === 'function') {
    return {
      request: (callback) => requestAnimationFrame(callback),
      cancel: (handle) => cancelAnimationFrame(handle),
    }
  }
  // Without a screen (Node.js, tests) a frame is a timer.
  const timers = new Map<number, ReturnType<typeof setTimeout>>()
  let next = 1
  return {
    request(callback) {
      const handle = next++
      timers.set(
        handle,
        setTimeout(() => {
          timers.delete(handle)
          callback(performance.now())
        }, 16),
      )
      return handle
    },
    cancel(handle) {
      clearTimeout(timers.get(handle))
      timers.delete(handle)
    },
  }
}
