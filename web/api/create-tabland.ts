import { type ReadonlySignal, signal } from '@preact/signals'
import type { Keyring } from '#chain/keyring.ts'
import { utf8 } from '#core/bytes.ts'
import { isCidText, normaliseText, parseDigest, particleOf, textBlocks, textCid } from '#core/cid.ts'
import { formatAddress } from '#core/delegation.ts'
import { cellOf } from '#core/land.ts'
import { serialOf } from '#core/land-rule.ts'
import { MAX_MODEL_BYTES } from '#core/limits.ts'
import { parseAmount } from '#core/money.ts'
import { BIRTH_PLACES, plotAt } from '#core/plots.ts'
import type { FoundPage, GraphService, PageOptions } from '#graph/graph-types.ts'
import { formatObjectId } from '#objects/object-id.ts'
import { type Content, parseContentCid } from '#peer/content.ts'
import type { PeerNode } from '#peer/types.ts'
import { apiError } from './errors.ts'
import { governanceCommands } from './governance-commands.ts'
import { helpText } from './help.ts'
import type { IdentityHolder } from './identity-holder.ts'
import { type LazyChainLand, lazyChainLand } from './lazy-chain-land.ts'
import { type LazyDistricts, lazyDistricts } from './lazy-districts.ts'
import { lazyPurse, type Purse } from './lazy-purse.ts'
import type { MachineApi, MachineState } from './machine-types.ts'
import type { NetworkMode } from './network-types.ts'
import type { FilesState, ObjectsApi } from './object-types.ts'
import type { Records } from './records.ts'
import { requireAddress, requireCell } from './require-cell.ts'
import { contextOf, parseSearchContext } from './search-context.ts'
import type { ContextSearchOptions, RankPage, SearchOptions, SearchPage } from './search-types.ts'
import type { Seeder } from './seeder-types.ts'
import { readSnippet } from './snippet.ts'
import { requireContent, requireMode, requireText } from './typed-input.ts'
import type {
  Added,
  AddOptions,
  CallOptions,
  LandState,
  Linked,
  ModelPlacement,
  ParcelBuild,
  Snippet,
  StorageState,
  Tabland,
} from './types.ts'

export interface TablandComponents {
  readonly node: PeerNode
  readonly content: Content
  readonly graph: GraphService
  readonly records: Records
  readonly identity: IdentityHolder
  /** asks for passphrases; absent where nothing is sealed */
  readonly keyring?: Pick<Keyring, 'state' | 'answer'> | undefined
  /** absent where there is no browser with wallets */
  readonly purse?: Purse
  /** absent where no chain is read */
  readonly chainLand?: LazyChainLand
  /** absent where nothing is hidden from anybody */
  readonly districts?: LazyDistricts
  readonly storage: ReadonlySignal<StorageState>
  readonly seeder: Seeder
  readonly files: ReadonlySignal<FilesState>
  readonly objects: ObjectsApi
  /** the ordered machine: its commands, and what they found */
  readonly machine: MachineApi
  readonly machineState: ReadonlySignal<MachineState>
  /** [NE6] ends this peer and joins anew in the other mode; false where it stays as it is */
  readonly setMode: (mode: NetworkMode) => Promise<boolean>
}

/** The commands of a peer over its parts: what the page, the devtools and the `tabland` command call. */
export function createTabland(components: TablandComponents): Tabland {
  const { node, content, graph, records, identity, keyring, storage, seeder, objects, files } = components
  const { machine, machineState, setMode } = components
  const { purse = lazyPurse(noPurse), chainLand = lazyChainLand() } = components
  const { districts = lazyDistricts(records.land) } = components
  const search = (query: string, options: ContextSearchOptions = {}) =>
    find(options, (page) => graph.search(requireText(query, 'search'), { ...page, ...contextOf(options) }))

  return {
    state: {
      network: node.state,
      storage,
      seed: seeder.state,
      land: districts.land,
      chain: chainLand.state,
      districts: districts.state,
      graph: records.graph,
      wallet: identity.state,
      keys: keyring?.state ?? signal({ kind: 'browser' }),
      purse: purse.state,
      files,
      machine: machineState,
    },
    cid: textCid,
    add: (source, options) => add(components, source, options),
    cat: (cid, options) => content.cat(cid, options),
    snippet: (cid, options) => snippet(components, cid, options),
    link: (from, to, options) => link(components, from, to, options),
    search,
    suggest: (prefix, options) => abortable(options, () => graph.suggest(requireText(prefix, 'suggest'))),
    rank: {
      query: search,
      top: async (options = {}) => rankPage(await find(options, (page) => graph.top(page))),
      of: (particle, options) => abortable(options, () => graph.rankOf(particle)),
      context: async (options) => {
        const context = parseSearchContext(options)
        return rankPage(await find(options, (page) => graph.context(context, page)))
      },
      compute: (options = {}) => abortable(options, () => graph.compute(options.kernel)),
      bench: (options) => abortable(options, () => graph.bench()),
      ...machine,
      prove: (query, options) => machine.prove(requireText(query, 'prove'), options),
      proof: (particle, options) => machine.proof(requireText(particle, 'proof'), options),
    },
    graph: {
      backlinks: (particle, options = {}) =>
        find(options, (page) => graph.backlinks(particle, { ...page, ...contextOf(options) })),
      neuron: (address, options = {}) => abortable(options, () => graph.neuron(address, pageOf(options))),
      chains: (address, options) => abortable(options, () => graph.chains(address)),
      neighbourhood: (particle, options = {}) => {
        const { signal: _, ...bounds } = options // a signal crosses no worker
        return abortable(options, () => graph.neighbourhood(requireText(particle, 'neighbourhood'), bounds))
      },
      setIndex: (isOn, options) => abortable(options, () => graph.setIndex(isOn === true)),
      text: (cid) => graph.text(cid),
    },
    land: {
      ...chainLand.api,
      at: (x, y) => buildAt(districts.land.value, x, y),
      tokens: (x, y) => districts.land.value.tokens?.filter(({ cell }) => cell.x === x && cell.y === y) ?? [],
      parcel: (x, y) => serialOn(records.land.value, x, y),
      publish: (x, y, model, placement, options) => publish(components, { x, y, model, placement }, options),
      show: (x, y) => purse.commands.parcel(x, y),
      history: async (x, y) => (await purse.commands.governance()).history(x, y),
      auctions: () => purse.commands.auctions(),
      portal: (x, y) => purse.commands.portal(x, y),
      portals: (x, y) => purse.commands.portals(x, y, chainLand.api.proven),
      bid: async (x, y, amount) =>
        purse.commands.write({
          kind: 'bid',
          parcel: await requireLand(purse, x, y),
          amountWei: parseAmount(String(amount)),
        }),
      proveLife: () => purse.commands.write({ kind: 'prove-life' }),
      async move(from, to) {
        const start = requireCell(from?.x, from?.y)
        const [x, y] = requireCell(to?.x, to?.y)
        return purse.commands.write({
          kind: 'move-parcel',
          parcel: await requireLand(purse, ...start),
          x,
          y,
        })
      },
      claim: (claim) => purse.commands.write({ ...claim, kind: 'claim-parcel' }),
      clear: (x, y, options) => clear(components, x, y, options),
    },
    governance: governanceCommands({
      commands: purse.commands,
      showDistricts: districts.show,
      address: async () => formatAddress((await identity.get()).neuron),
    }),
    objects,
    seed: { ...seeder.commands, status: () => seeder.state.value },
    net: {
      peers: () => node.state.value.peers,
      relays: () => node.state.value.relays,
      addRelay: (address) => node.addRelay(address),
      setMode: async (mode) => setMode(requireMode(mode)),
      retry: () => node.retry(),
    },
    wallet: {
      ...purse.commands,
      address: async () => formatAddress((await identity.get()).neuron),
      send: async (to, amount) =>
        purse.commands.write({
          kind: 'send',
          to: requireAddress(to),
          amountWei: parseAmount(String(amount)),
        }),
      stake: async (amount) =>
        purse.commands.write({ kind: 'stake', amountWei: parseAmount(String(amount)) }),
      exportPhrase: () => identity.exportPhrase(),
      answerKeys: async (answer) => keyring?.answer(answer),
    },
    help: helpText,
  }
}

/** Id on the chain of what lies on a cell. */
async function requireLand({ commands }: Purse, x: number, y: number): Promise<number> {
  const found = await commands.parcel(x, y)
  if (found !== undefined) return found.id
  throw apiError('PARCEL_UNKNOWN', `By the chain there is no plot at ${x}, ${y}, or no chain is configured.`)
}

async function noPurse(): Promise<never> {
  throw apiError('WALLETS_NONE', 'There are no wallets of a browser here. Use a tab for this.')
}

/** Work that cannot be broken off is left to end by itself; the caller hears of the abort at once. */
async function abortable<T>(options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
  const signal = options?.signal
  signal?.throwIfAborted()
  if (signal === undefined) return work()
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(), promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function pageOf({ limit, cursor }: SearchOptions): PageOptions {
  return { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) }
}

function rankPage({ results, total, cursor }: FoundPage): RankPage {
  return { results, total, ...(cursor === undefined ? {} : { cursor }) }
}

function find(options: SearchOptions, query: (page: PageOptions) => Promise<FoundPage>): Promise<SearchPage> {
  return abortable(options, () => query(pageOf(options)))
}

async function add(
  { content, graph, seeder }: TablandComponents,
  given: Blob | Uint8Array | string,
  options: AddOptions = {},
): Promise<Added> {
  const source = requireContent(given)
  if (typeof source !== 'string') return seeder.add(source, options)
  return { cid: await addText({ content, graph, seeder }, source), bytes: utf8(normaliseText(source)).length }
}

/** Small texts travel with the graph, checked by their hash: no block has to be fetched for them. */
async function snippet(
  { content, graph }: TablandComponents,
  cid: string,
  options: CallOptions = {},
): Promise<Snippet> {
  options.signal?.throwIfAborted()
  const text = isCidText(cid) ? await graph.text(cid) : undefined
  if (text === undefined) return readSnippet(content, cid, options)
  const bytes = utf8(text)
  return { kind: 'text', mime: 'text/plain', bytes, size: bytes.length, text }
}

/** Stores a text by the profile of [KG2], so that its CID is the particle that the text stands for. */
async function addText(
  { content, graph, seeder }: Pick<TablandComponents, 'content' | 'graph' | 'seeder'>,
  text: string,
): Promise<string> {
  const blocks = textBlocks(text)
  const cid = textCid(text)
  await seeder.keepText(
    cid,
    blocks.map((block) => block.cid),
  )
  await content.putBlocks(blocks)
  await graph.addText(cid, utf8(normaliseText(text)))
  return cid
}

async function link(
  components: TablandComponents,
  from: string,
  to: string,
  { signal }: CallOptions = {},
): Promise<Linked> {
  signal?.throwIfAborted()
  const fromCid = await storeEnd(components, from)
  const toCid = await storeEnd(components, to)
  signal?.throwIfAborted()
  const [batch] = await components.records.link([[parseDigest(fromCid), parseDigest(toCid)]])
  return { from: fromCid, to: toCid, object: formatObjectId(batch!) }
}

/** The particle that one end of a link names; a text is stored, so that whoever finds the link can read it. */
async function storeEnd(components: TablandComponents, end: string): Promise<string> {
  const cid = particleOf(requireText(end, 'link'))
  return cid === textCid(end) ? addText(components, end) : cid
}

function buildAt({ builds }: LandState, x: number, y: number): ParcelBuild | undefined {
  const plot = plotAt({ x, y })
  return plot === undefined ? undefined : builds.get(plot)
}

/** Serial of the parcel that lies on a cell, as far as that is known. */
function serialOn({ places = BIRTH_PLACES }: LandState, x: number, y: number): number | undefined {
  return places.parcelOn({ x, y })
}

interface Publication {
  readonly x: number
  readonly y: number
  readonly model: Blob | Uint8Array
  readonly placement: ModelPlacement
}

async function publish(
  components: TablandComponents,
  { x, y, model, placement }: Publication,
  options: AddOptions = {},
): Promise<ParcelBuild> {
  const bytes = await readModel(model)
  // few tabs publish; the page fetches this code ahead, once it has joined
  const { checkModel, inspectGlb } = await import('#objects/glb.ts')
  checkModel(inspectGlb(bytes), placement)
  const parcel = await requireRight(components, x, y)
  const { seeder, records } = components
  const { cid } = await seeder.add(bytes, { name: `Model on plot ${x}, ${y}`, ...options })
  options.signal?.throwIfAborted()
  return records.place({ parcel, root: parseContentCid(cid).toString(), placement })
}

/** Serial of the parcel on a cell: nothing is stored for one that one may not build on. */
async function requireRight(
  { identity, purse, records }: TablandComponents,
  x: number,
  y: number,
): Promise<number> {
  const known = () => requireParcel(records.land.value, x, y)
  if (purse?.state.peek().chain === undefined) return known()
  await identity.get()
  const found = await purse.commands.parcel(x, y)
  if (found === undefined) return known()
  if (found.mayBuild) return serialOf(found.id)
  const owner = found.owner === undefined ? 'Nobody owns it yet' : `It belongs to ${found.owner}`
  throw apiError(
    'PARCEL_NO_RIGHT',
    `Plot ${x}, ${y} is not yours to build on. ${owner}: buy it, or ask its owner to name you.`,
  )
}

/** Reads a model's bytes after its size was held against the limit. @throws GLB_TOO_LARGE by inspectGlb later for bytes */
async function readModel(model: Blob | Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const size = model instanceof Blob ? model.size : model.length
  if (size > MAX_MODEL_BYTES) {
    throw apiError(
      'MODEL_TOO_LARGE',
      `This model has ${size} bytes; a plot takes ${MAX_MODEL_BYTES}. Make its textures smaller and try again.`,
    )
  }
  return model instanceof Blob ? new Uint8Array(await model.arrayBuffer()) : new Uint8Array(model)
}

async function clear({ records }: TablandComponents, x: number, y: number, { signal }: CallOptions = {}) {
  signal?.throwIfAborted()
  const parcel = requireParcel(records.land.value, x, y)
  const build = buildAt(records.land.value, x, y)
  if (build === undefined) throw apiError('PARCEL_EMPTY', `Nothing stands on plot ${x}, ${y}.`)
  if (!build.mine) {
    throw apiError(
      'PARCEL_NOT_MINE',
      `What stands on plot ${x}, ${y} was built by ${build.neuron}; only they can clear it.`,
    )
  }
  await records.place({ parcel, root: undefined })
}

function requireParcel(land: LandState, x: number, y: number): number {
  const parcel = serialOn(land, x, y)
  if (parcel !== undefined) return parcel
  throw apiError(
    'PARCEL_UNKNOWN',
    `There is no plot at ${x}, ${y}. Plots lie outside the square (-31 to 30) and within 131 cells of the middle, such as ${cellOf(0).x}, ${cellOf(0).y}.`,
  )
}
