import type { StoreRequest, StoreResponse } from './opfs-protocol.ts'
import { createOpfsService } from './opfs-service.ts'

// A worker's entry point: unlike every other module it acts when it is loaded.
const handle = createOpfsService((stats) => postMessage({ type: 'stats', stats } satisfies StoreResponse))

addEventListener('message', async ({ data }: MessageEvent<StoreRequest>) => {
  const response = await handle(data)
  postMessage(response, { transfer: transferable(response) })
})

/** A block read is moved to the page, not copied: the store made it for this answer. */
function transferable(response: StoreResponse): Transferable[] {
  if (response.type !== 'value' || typeof response.value !== 'object') return []
  return 'bytes' in response.value && response.value.bytes !== undefined ? [response.value.bytes.buffer] : []
}
