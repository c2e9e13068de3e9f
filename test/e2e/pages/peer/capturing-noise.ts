import type { MessageStream } from '@libp2p/interface'
import { noise as plainNoise } from '@libp2p/noise'

/**
 * Noise that keeps a copy of all that a page received, after decryption: what the other side, or a relay, could tell
 * it. serve-page's `captureReceived` puts it in the place of `@libp2p/noise`.
 */
export interface Capture {
  /** where the connection leads, as text */
  readonly address: string
  readonly chunks: Uint8Array[]
}

export const captures: Capture[] = []

function keep<T extends { readonly connection: MessageStream }>(secured: T, address: string): T {
  const capture: Capture = { address, chunks: [] }
  captures.push(capture)
  // A listener of ours would make the stream hand out what its reader is not yet there for.
  const { connection } = secured
  const dispatch = connection.dispatchEvent.bind(connection)
  connection.dispatchEvent = (event) => {
    const { data } = event as { readonly data?: { subarray(): Uint8Array } }
    if (event.type === 'message' && data !== undefined) capture.chunks.push(data.subarray().slice())
    return dispatch(event)
  }
  return secured
}

/** Where a connection leads: what is encrypted is the transport's connection, which knows its address. */
function addressOf(connection: MessageStream): string {
  return String((connection as MessageStream & { readonly remoteAddr?: unknown }).remoteAddr ?? '')
}

type Components = Parameters<ReturnType<typeof plainNoise>>[0]

export function noise(): (components: Components) => ReturnType<ReturnType<typeof plainNoise>> {
  return (components) => {
    const encrypter = plainNoise()(components)
    const { secureInbound, secureOutbound } = encrypter
    encrypter.secureInbound = async (connection, options) =>
      keep(await secureInbound.call(encrypter, connection, options), addressOf(connection))
    encrypter.secureOutbound = async (connection, options) =>
      keep(await secureOutbound.call(encrypter, connection, options), addressOf(connection))
    return encrypter
  }
}
