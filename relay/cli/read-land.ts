import { agreeingOn, createChainReader } from '#chain/chain-reader.ts'
import { type Hex, hexOf } from '#chain/hex.ts'
import { relayLandSource, rpcLandSource, verifyOffer } from '#chain/land/land-sources.ts'
import type { LandTable } from '#chain/land/land-table.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import type { Header } from '#chain/proofs/header.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import type { RpcEndpoint } from '#chain/rpc/json-rpc.ts'
import { ofChain } from '#chain/rpc/of-chain.ts'
import { fromHex, utf8 } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { chainOf, type FoundChain } from './chain-of-relay.ts'
import type { CommandContext } from './command.ts'
import { usageError } from './command.ts'

export interface LandOptions {
  readonly rpc: readonly string[]
  readonly chainId: string | undefined
  readonly grid: string | undefined
  readonly relay: string | undefined
}

export interface FoundLand {
  readonly table: LandTable
  readonly header: Header
  readonly root: Hex
  /** `2 of 3 endpoints` */
  readonly told: string
  /** who gave the words */
  readonly source: string
  /** ms: until the header was accepted, until the land was here, until its trie was rebuilt */
  readonly times: { readonly headMs: number; readonly fetchMs: number; readonly verifyMs: number }
}

/**
 * The land as the chain proves it now, in one go.
 *
 * @throws COMMAND_USAGE, RELAY_UNREACHABLE, RPC_ENDPOINTS, RPC_UNREACHABLE, HEADER_DISPUTED, SNAPSHOT_FORGED,
 *   LAND_UNAVAILABLE
 */
export async function readLand(options: LandOptions, { signal, stderr }: CommandContext): Promise<FoundLand> {
  const chain = await chainOf('land', 'landGrid', { ...options, contract: options.grid }, { signal, stderr })
  const grid = parseAddress(chain.contract)
  const endpoints = endpointsOf(chain)
  const reader = createChainReader({ endpoints, timers: systemTimers, now: Date.now })
  const keccak = await loadKeccak((line) => stderr.write(`${line}\n`))
  const start = performance.now()
  const header = await reader.head({ signal })
  const { account } = await reader.account(header, grid, { signal })
  const headMs = performance.now() - start
  const source =
    chain.page === undefined
      ? rpcLandSource({
          endpoint: endpoints[0]!,
          grid,
          watched: await findWatched(endpoints[0]!, grid),
          keccak,
        })
      : relayLandSource(new URL(chain.page))
  const wish = { header, root: account.storageHash, base: undefined }
  const offer = await source.offer(wish, signal)
  const fetchMs = performance.now() - start - headMs
  const verifier = createLandVerifier(keccak)
  const { table, root } = await verifyOffer({ source, verifier, wish, offer }, signal)
  const verifyMs = performance.now() - start - headMs - fetchMs
  const { head, sources } = reader.state.peek()
  const told = sources === 1 ? '1 source' : `${agreeingOn(head)} of ${sources} endpoints`
  const times = { headMs: round(headMs), fetchMs: round(fetchMs), verifyMs: round(verifyMs) }
  return { table, header, root, told, source: source.name, times }
}

/** Contracts whose events tell of the land, as far as the chain names them: hints, of which nothing is believed. */
async function findWatched(endpoint: RpcEndpoint, grid: Hex): Promise<readonly Hex[]> {
  const watched = [grid]
  for (const getter of ['land()', 'sale()']) {
    const call = { to: watched.at(-1), data: hexOf(keccak256(utf8(getter)).subarray(0, 4)) }
    const answer = await endpoint.call('eth_call', [call, 'latest'], {}).catch(() => undefined)
    // 12 bytes of zero, and an address
    if (typeof answer !== 'string' || !/^0x0{24}[0-9a-fA-F]{40}$/.test(answer)) break
    watched.push(hexOf(fromHex(answer).subarray(12)))
  }
  return watched
}

/** @throws COMMAND_USAGE, RPC_ENDPOINTS */
function endpointsOf({ rpc, chainId }: FoundChain): readonly RpcEndpoint[] {
  if (chainId === undefined) return createEndpoints(rpc)
  if (!/^\d{1,15}$/.test(chainId)) {
    throw usageError('land', `Expected --chain-id with a number, got "${chainId.slice(0, 80)}"`)
  }
  return createEndpoints(rpc).map((endpoint) => ofChain(endpoint, Number(chainId)))
}

/** @throws COMMAND_USAGE */
export function parseAddress(text: string, command = 'land'): Hex {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return hexOf(fromHex(text))
  throw usageError(command, `Expected an address, 0x and 40 hexadecimal digits, got "${text.slice(0, 80)}"`)
}

async function loadKeccak(warn: (line: string) => void) {
  const { createNodeKeccak } = await import('../hashers.ts')
  return createNodeKeccak(warn)
}

function round(ms: number): number {
  return Math.round(ms)
}
