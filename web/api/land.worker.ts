/** Rebuilds the trie of the land ([CH14]) off the thread that draws. */
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import { createFastestKeccak } from '#wasm/bindings/keccak.ts'
import keccakWasmUrl from '#wasm/build/keccak.wasm?url'
import { sendError } from './graph-rpc.ts'
import type { FromLandWorker, ToLandWorker } from './land-rpc.ts'

const verifier = createFastestKeccak(
  async () => {
    const response = await fetch(new URL(keccakWasmUrl, import.meta.url))
    return new Uint8Array(await response.arrayBuffer())
  },
  (cause) => console.warn('Tabland: land is verified without wasm, which takes longer.', cause),
).then(createLandVerifier)

self.addEventListener('message', async ({ data }: MessageEvent<ToLandWorker>) => {
  const { id, offer, root, base } = data
  const post = (message: FromLandWorker) => self.postMessage(message)
  try {
    post({ id, land: await (await verifier).verify(offer, root, base) })
  } catch (error) {
    post({ id, error: sendError(error) })
  }
})
