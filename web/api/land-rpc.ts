import type { Hex } from '#chain/hex.ts'
import type { LandOffer, LandVerifier, ProvenLand } from '#chain/land/land-verifier.ts'
import { receiveError, type SentError } from './graph-rpc.ts'

/** What crosses between a page and the worker that rebuilds its land's trie. */
export interface ToLandWorker {
  readonly id: number
  readonly offer: LandOffer
  readonly root: Hex
  readonly base: ProvenLand | undefined
}

export type FromLandWorker =
  | { readonly id: number; readonly land: ProvenLand }
  | { readonly id: number; readonly error: SentError }

/** The little that is needed of a Worker. */
export interface LandPort {
  postMessage(message: ToLandWorker): void
  addEventListener(type: 'message', listener: (event: { readonly data: FromLandWorker }) => void): void
  addEventListener(type: 'error', listener: (event: { readonly message: string }) => void): void
}

/** The verifier in `port`'s worker. A worker that dies fails every call with its reason. */
export function createLandClient(port: LandPort): LandVerifier {
  const waiting = new Map<number, PromiseWithResolvers<ProvenLand>>()
  let nextId = 0
  let dead: Error | undefined
  port.addEventListener('message', ({ data }) => {
    const call = waiting.get(data.id)
    waiting.delete(data.id)
    if ('land' in data) call?.resolve(data.land)
    else call?.reject(receiveError(data.error))
  })
  port.addEventListener('error', ({ message }) => {
    dead = new Error(`The land worker failed: ${message}. Reload the page.`)
    for (const call of waiting.values()) call.reject(dead)
    waiting.clear()
  })
  return {
    verify(offer, root, base) {
      if (dead !== undefined) return Promise.reject(dead)
      const id = nextId++
      const call = Promise.withResolvers<ProvenLand>()
      waiting.set(id, call)
      port.postMessage({ id, offer, root, base })
      return call.promise
    },
  }
}
