import { type Bytes, concat } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { chainError } from '../chain-errors.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import type { RpcEndpoint } from '../rpc/json-rpc.ts'
import type { LandTable } from './land-table.ts'
import type { LandOffer, LandVerifier, ProvenLand } from './land-verifier.ts'
import { type LandQuestion, readChangedLand, readWholeLand } from './read-land.ts'
import { readZeros } from './read-zeros.ts'
import { MAX_SNAPSHOT_BYTES } from './snapshot.ts'

/** The land as it is wanted. */
export interface LandWish {
  readonly header: Header
  /** storage root of LandGrid in that block, proved */
  readonly root: Hex
  /** the land of an earlier block that is here, so that changes are enough */
  readonly base: (ProvenLand & { readonly block: number }) | undefined
}

/** Who may have the land. Nothing that it offers is believed. */
export interface LandSource {
  readonly name: string
  /** @throws LAND_UNAVAILABLE when it has not got it, RPC_… */
  offer(wish: LandWish, signal: AbortSignal): Promise<LandOffer>
  /**
   * The same table with the slots of zero that its chain keeps as leaves, for a chain that does. Only asked when what
   * it offered has another root.
   *
   * @throws RPC_…, PROOF_INVALID
   */
  addZeros?(wish: LandWish, table: LandTable, signal: AbortSignal): Promise<LandTable>
}

export interface OfferedLand {
  readonly source: LandSource
  readonly verifier: LandVerifier
  readonly wish: LandWish
  readonly offer: LandOffer
}

/**
 * The land that a source offered, when it has the wanted root: as it is, or with the zeros that the source's chain
 * keeps. Those change nothing of the land, so whoever names them can make it hold or not, and nothing else.
 *
 * @throws SNAPSHOT_INVALID, SNAPSHOT_FORGED
 */
export async function verifyOffer(
  { source, verifier, wish, offer }: OfferedLand,
  signal: AbortSignal,
): Promise<ProvenLand> {
  const { root, base } = wish
  try {
    return await verifier.verify(offer, root, base)
  } catch (error) {
    if (!isAppError(error, 'SNAPSHOT_FORGED') || offer.kind !== 'table') throw error
    const table = await source.addZeros?.(wish, offer.table, signal).catch((cause: unknown) => {
      signal.throwIfAborted()
      if (!isAppError(cause)) throw cause
      return undefined
    })
    if (table === undefined || table.zeros.length === offer.table.zeros.length) throw error
    return verifier.verify({ kind: 'table', table }, root, base)
  }
}

/** Below it, at a relay, lies each land by its root, and below that what changed since the root of another. */
export const LAND_PATH = '/land'

/** The whole land has 2 MB at most: a link of 0.5 Mbit/s carries it in that time. Behind that another source is asked. */
const RELAY_LAND_MS = 30_000

/** A relay's HTTP port. @param timeoutMs until the last byte, @default RELAY_LAND_MS */
export function relayLandSource(
  page: URL,
  fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
  timeoutMs: number = RELAY_LAND_MS,
): LandSource {
  return {
    name: page.host,
    async offer({ root, base }, signal) {
      const url = new URL(`${LAND_PATH}/${root}${base === undefined ? '' : `/${base.root}`}`, page)
      const limit = AbortSignal.timeout(timeoutMs)
      try {
        const response = await fetch(url, { signal: AbortSignal.any([signal, limit]), credentials: 'omit' })
        if (!response.ok) {
          await response.body?.cancel()
          throw unavailable(page.host, `it answers with status ${response.status}`)
        }
        return { kind: 'snapshot', bytes: await readBounded(response.body ?? [], page.host) }
      } catch (cause) {
        signal.throwIfAborted()
        if (isAppError(cause)) throw cause
        const why = limit.aborted ? `it took more than ${timeoutMs / 1_000} s` : (cause as Error).message
        throw unavailable(page.host, why, cause)
      }
    },
  }
}

/** The bytes of a snapshot, part by part. @throws SNAPSHOT_INVALID when they are too many */
export async function readBounded(
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
): Promise<Bytes> {
  const kept: Uint8Array[] = []
  let length = 0
  for await (const part of parts) {
    length += part.length
    // leaving the loop ends the download
    if (length > MAX_SNAPSHOT_BYTES) {
      throw chainError('SNAPSHOT_INVALID', `${name} sent more than ${MAX_SNAPSHOT_BYTES} bytes as the land.`)
    }
    kept.push(part)
  }
  return concat(...kept)
}

export interface RpcLandInit extends Pick<LandQuestion, 'grid' | 'watched' | 'keccak'> {
  readonly endpoint: RpcEndpoint
}

/** One node of the chain, read word by word: slower than a relay, and always there. */
export function rpcLandSource({ endpoint, ...init }: RpcLandInit): LandSource {
  return {
    name: endpoint.name,
    async offer({ header, base }, signal) {
      const question = { ...init, blockHash: header.hash, block: header.number, signal }
      const before = earlier(base, header)
      const table =
        before === undefined
          ? await readWholeLand(endpoint, question)
          : await readChangedLand(endpoint, question, before)
      return { kind: 'table', table }
    },
    addZeros({ header, root, base }, table, signal) {
      const question = { ...init, blockHash: header.hash, block: header.number, signal }
      return readZeros(endpoint, question, { root, table, before: earlier(base, header) })
    },
  }
}

function earlier(base: LandWish['base'], { number }: Header): LandWish['base'] {
  return base === undefined || base.block > number ? undefined : base
}

export function unavailable(name: string, why: string, cause?: unknown): Error {
  return chainError('LAND_UNAVAILABLE', `${name} does not give the land: ${why}.`, { cause })
}
