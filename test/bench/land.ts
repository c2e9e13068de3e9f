// The land of 50,000 parcels ([CH14]): cold from a relay and from the chain alone, warm from what was kept, and after
// one transfer; beside what apps do otherwise, in the same run and against the same node: multicall over every parcel,
// and all logs of transfers. Ours is proved against a header, theirs is believed.
import 'fake-indexeddb/auto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as nextTick } from 'node:timers/promises'
import { createClient, http, parseAbi } from 'viem'
import { getLogs, multicall } from 'viem/actions'
import { createChainReader } from '#chain/chain-reader.ts'
import { type Hex, hexOf, quantityOf, wordBytes } from '#chain/hex.ts'
import { landRoot } from '#chain/land/land-root.ts'
import { createLandService, type LandService } from '#chain/land/land-service.ts'
import { type LandSource, relayLandSource, rpcLandSource } from '#chain/land/land-sources.ts'
import { createBrowserLandStore } from '#chain/land/land-store.ts'
import { type LandTable, ownerCount } from '#chain/land/land-table.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import { applyChanges } from '#chain/land/snapshot.ts'
import { createSnapshots } from '#chain/land/snapshots.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import type { Keccak } from '#core/keccak.ts'
import { startAnvil } from '#relay/local-chain/anvil.ts'
import { createWasmKeccak } from '#wasm/bindings/keccak.ts'
import { buildWasm } from '#wasm/build.ts'
import { describeMachine } from '../../scripts/lib/run-folder.ts'
import { cityLand, GRID, landAccount, packWord } from '../fakes/land.ts'
import { createFakeTimers, hastyTimers } from '../fakes/timers.ts'

const PARCELS = 50_000
const OWNERS = 5_000
const ROUNDS = 5
/** [CH14] */
const COLD_AIM_MS = 2_000
const WARM_AIM_MS = 100
const CALLS_PER_MULTICALL = 2_000
const LOGS_PER_CALL = 1_000
const POLL_MS = 50
/** Answers every call with the word in the slot that stands behind its selector: the cheapest getter there is. */
const GETTER = '0x600435545f5260205ff3'
/** Emits Transfer(0, caller, id) for so many ids from the first on: calldata is first ‖ count. */
const LOGGER_ADDRESS: Hex = '0x00000000000000000000000000000000000000e0'
const TRANSFER = 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
/** for i in 0 … count − 1: LOG4(0, 0, topic, 0, caller, first + i) */
const LOGGER = `0x5f5b8060203514603a57805f3501335f7f${TRANSFER}5f5fa46001016001565b00`

interface Row {
  readonly name: string
  readonly ms: number
  /** bodies of requests and answers */
  readonly bytes: number
  readonly isProved: boolean
}

export async function run(): Promise<void> {
  console.log(`${describeMachine()}; viem ${viemVersion()}`)
  const keccak = await createWasmKeccak(new Uint8Array(readFileSync((await buildWasm()).keccak)))
  const anvil = await startAnvil()
  try {
    const table = cityLand(PARCELS, OWNERS)
    await fillChain(anvil.url, table)
    const relay = await startRelay(keccak)
    try {
      relay.add(table)
      const rows = await measureAll({ keccak, url: anvil.url, relay, table })
      print(rows)
    } finally {
      relay.stop()
    }
  } finally {
    await anvil.stop()
  }
}

interface Setting {
  readonly keccak: Keccak
  readonly url: string
  readonly relay: Awaited<ReturnType<typeof startRelay>>
  readonly table: LandTable
}

async function measureAll(setting: Setting): Promise<readonly Row[]> {
  const rows: Row[] = []
  rows.push(await median('ours, cold from a relay', true, (count) => cold(setting, count, 'relay')))
  rows.push(await median('ours, cold from the chain alone', true, (count) => cold(setting, count, 'rpc')))
  rows.push(await median('ours, warm (IndexedDB in memory)', true, () => warm(setting)))
  rows.push(
    await median('multicall, one call for each parcel', false, (count) => byMulticall(setting, count)),
  )
  rows.push(await median('logs of all transfers', false, (count) => byLogs(setting, count)))
  rows.push(await transferOne(setting))
  return rows
}

type CountBytes = (bytes: number) => void

/** A fetch that counts what goes over the wire both ways, without headers. */
function counting(count: CountBytes): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    const body = await response.arrayBuffer()
    count(body.byteLength + String(init?.body ?? '').length)
    return new Response(body, { status: response.status, headers: { 'content-type': 'application/json' } })
  }
}

function serviceOf({ keccak, url, relay }: Setting, count: CountBytes, from: 'relay' | 'rpc') {
  const fetchCounted = counting(count)
  const endpoints = createEndpoints([url], fetchCounted)
  const source: LandSource =
    from === 'relay'
      ? relayLandSource(new URL(relay.url), fetchCounted)
      : rpcLandSource({ endpoint: endpoints[0]!, grid: GRID, watched: [GRID], keccak })
  const store = createBrowserLandStore('bench')
  const service = createLandService({
    reader: createChainReader({ endpoints, timers: hastyTimers, now: Date.now }),
    grid: GRID,
    sources: () => [source],
    verifier: createLandVerifier(keccak),
    store,
    timers: createFakeTimers(),
  })
  return { service, store }
}

async function cold(setting: Setting, count: CountBytes, from: 'relay' | 'rpc'): Promise<number> {
  const { service } = serviceOf(setting, count, from)
  const start = performance.now()
  await service.refresh()
  const ms = performance.now() - start
  assertProven(service)
  return ms
}

async function warm(setting: Setting): Promise<number> {
  const { store } = serviceOf(setting, () => {}, 'relay')
  const start = performance.now()
  const kept = await store.get()
  const ms = performance.now() - start
  if (kept === undefined || ownerCount(kept.table) !== OWNERS) throw new Error('Nothing was kept.')
  return ms
}

/** A parcel changes hands: what it takes to know and prove that. */
async function transferOne(setting: Setting): Promise<Row> {
  const { url, relay, table } = setting
  let bytes = 0
  const { service } = serviceOf(setting, (more) => (bytes += more), 'relay')
  await service.refresh()
  const word = wordBytes(packWord(7, { owner: 0xa11cen }))
  const after = applyChanges(table, { words: new Map([[7, word]]), owners: new Map() })
  await rpc(url, [['anvil_setStorageAt', [GRID, hexOf(wordBytes(7n)), hexOf(word)]]])
  await rpc(url, [['anvil_mine', ['0x1']]])
  relay.add(after)
  bytes = 0
  const start = performance.now()
  await service.refresh()
  const ms = performance.now() - start
  assertProven(service)
  return { name: 'ours, after one transfer', ms, bytes, isProved: true }
}

function assertProven({ state }: LandService): void {
  const { land, failure } = state.value
  if (land.kind !== 'proven') throw new Error(`The land is ${land.kind}: ${failure?.message}`)
}

async function byMulticall({ url }: Setting, count: CountBytes): Promise<number> {
  const client = createClient({ transport: http(url, { fetchFn: counting(count), timeout: 60_000 }) })
  const multicallAddress = await deployMulticall(url)
  const abi = parseAbi(['function words(uint256) view returns (uint256)'])
  const start = performance.now()
  for (let from = 1; from <= PARCELS; from += CALLS_PER_MULTICALL) {
    const contracts = Array.from({ length: CALLS_PER_MULTICALL }, (_, i) => ({
      address: GRID,
      abi,
      functionName: 'words' as const,
      args: [BigInt(from + i)] as const,
    }))
    const words = await multicall(client, { contracts, allowFailure: false, multicallAddress, batchSize: 0 })
    if (words.some((word) => word === 0n)) throw new Error('A word is missing.')
  }
  return performance.now() - start
}

let multicall3: Promise<Hex> | undefined

/** Multicall3 stands on every public chain, and is deployed here once; viem has its code, and does not export it. */
function deployMulticall(url: string): Promise<Hex> {
  multicall3 ??= (async () => {
    const file = new URL('../../node_modules/viem/_esm/constants/contracts.js', import.meta.url)
    const { multicall3Bytecode } = (await import(file.href)) as { readonly multicall3Bytecode: Hex }
    const [accounts] = await rpc(url, [['eth_accounts', []]])
    const creation = { from: (accounts as readonly string[])[0], data: multicall3Bytecode, gas: '0x500000' }
    const [hash] = await rpc(url, [['eth_sendTransaction', [creation]]])
    for (;;) {
      const [receipt] = await rpc(url, [['eth_getTransactionReceipt', [hash]]])
      if (receipt !== null) return (receipt as { readonly contractAddress: Hex }).contractAddress
      await nextTick(POLL_MS)
    }
  })()
  return multicall3
}

async function byLogs({ url }: Setting, count: CountBytes): Promise<number> {
  const client = createClient({ transport: http(url, { fetchFn: counting(count), timeout: 60_000 }) })
  const [event] = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 indexed id)'])
  const start = performance.now()
  const latest = BigInt((await rpc(url, [['eth_blockNumber', []]]))[0] as string)
  const owners = new Map<bigint, string>()
  // answers above 10 MiB fail, so windows of blocks
  for (let from = 0n; from <= latest; from += 10n) {
    const toBlock = from + 9n < latest ? from + 9n : latest
    const logs = await getLogs(client, { address: LOGGER_ADDRESS, event, fromBlock: from, toBlock })
    for (const { args } of logs) owners.set(args.id!, args.to!)
  }
  if (owners.size !== PARCELS) throw new Error(`${owners.size} parcels were found in logs.`)
  return performance.now() - start
}

async function median(
  name: string,
  isProved: boolean,
  task: (count: CountBytes) => Promise<number>,
): Promise<Row> {
  const times: number[] = []
  let bytes = 0
  for (let round = 0; round < ROUNDS; round++) {
    bytes = 0
    times.push(await task((more) => (bytes += more)))
  }
  return { name, ms: times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!, bytes, isProved }
}

function print(rows: readonly Row[]): void {
  console.log(`\n${PARCELS} parcels of ${OWNERS} owners, median of ${ROUNDS}`)
  for (const { name, ms, bytes, isProved } of rows) {
    const size = `${(bytes / 1_000).toFixed(0).padStart(7)} kB`
    console.log(
      `${name.padEnd(36)} ${ms.toFixed(0).padStart(7)} ms ${size}  ${isProved ? 'proved' : 'believed'}`,
    )
  }
  const [relay, , warmed, multi, logs] = rows as readonly [Row, Row, Row, Row, Row]
  const ratio = (rival: Row) =>
    `${(rival.ms / relay.ms).toFixed(1)} times as fast and ${(rival.bytes / relay.bytes).toFixed(1)} times as few bytes`
  console.log(`\nCold from a relay against multicall: ${ratio(multi)}; against logs: ${ratio(logs)}.`)
  console.log(
    `The aims are ${COLD_AIM_MS} ms cold and ${WARM_AIM_MS} ms warm; ${relay.ms.toFixed(0)} and ${warmed.ms.toFixed(0)} here.`,
  )
  console.log(JSON.stringify({ bench: 'land', rows }))
}

type Call = readonly [method: string, params: readonly unknown[]]

async function rpc(url: string, calls: readonly Call[]): Promise<readonly unknown[]> {
  const body = JSON.stringify(calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params })))
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const answers = (await response.json()) as { id: number; result?: unknown; error?: { message: string } }[]
  const failed = answers.find(({ error }) => error !== undefined)
  if (failed !== undefined) throw new Error(failed.error?.message)
  return answers.sort((a, b) => a.id - b.id).map(({ result }) => result)
}

/** Puts the land into a contract's storage, and the transfers that led to it into logs. */
async function fillChain(url: string, table: LandTable): Promise<void> {
  await rpc(url, [
    ['anvil_setCode', [GRID, GETTER]],
    ['anvil_setCode', [LOGGER_ADDRESS, LOGGER]],
  ])
  const slots = [...landAccount(table).storage].map(
    ([slot, value]): Call => ['anvil_setStorageAt', [GRID, hexOf(wordBytes(slot)), hexOf(wordBytes(value))]],
  )
  for (let from = 0; from < slots.length; from += 2_000) await rpc(url, slots.slice(from, from + 2_000))
  const [accounts] = await rpc(url, [['eth_accounts', []]])
  for (let first = 1; first <= PARCELS; first += LOGS_PER_CALL) {
    const data = `${hexOf(wordBytes(BigInt(first)))}${hexOf(wordBytes(BigInt(LOGS_PER_CALL))).slice(2)}`
    const call = {
      from: (accounts as readonly string[])[0],
      to: LOGGER_ADDRESS,
      data,
      gas: quantityOf(20_000_000),
    }
    await rpc(url, [['eth_sendTransaction', [call]]])
  }
  // it answers before it has mined
  const sent = quantityOf(Math.ceil(PARCELS / LOGS_PER_CALL))
  const from = (accounts as readonly string[])[0]
  while ((await rpc(url, [['eth_getTransactionCount', [from, 'latest']]]))[0] !== sent)
    await nextTick(POLL_MS)
  await rpc(url, [['anvil_mine', ['0x1']]])
}

/** A relay's HTTP port as far as the land goes. */
async function startRelay(keccak: Keccak) {
  const snapshots = createSnapshots({ chainId: 31_337, grid: GRID })
  const server = createServer((request, response) => {
    const [, , root, base] = (request.url ?? '').split('/')
    void snapshots.get(root as Hex, base as Hex | undefined).then((bytes) => {
      response.statusCode = bytes === undefined ? 404 : 200
      response.end(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    add: (table: LandTable) => snapshots.add({ root: hexOf(landRoot(keccak, table)), table, block: 1 }),
    stop: () => server.close(),
  }
}

function viemVersion(): string {
  const manifest = new URL('../../node_modules/viem/package.json', import.meta.url)
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}

if (import.meta.main) await run()
