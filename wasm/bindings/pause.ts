/** A frame at 60 Hz is 16.7 ms: the page and its worker answer within about one. */
const DEFAULT_EVERY_MS = 16

/**
 * A pause for long loops in a tab, a worker or Node.js: most calls return at once, one every `everyMs` lets
 * other events in. A message channel does it: nested timers are held back by 4 ms, promises let nothing in.
 */
export function createPause({ everyMs = DEFAULT_EVERY_MS } = {}): () => Promise<void> {
  let resumedAt = performance.now()
  return async () => {
    if (performance.now() - resumedAt < everyMs) return
    await nextTask()
    resumedAt = performance.now()
  }
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      // Open ports would keep Node.js from ending.
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
