import { MemoryBlockstore } from 'blockstore-core'
import {
  type Address,
  encodeFunctionData,
  type Hex,
  hexToBigInt,
  parseEventLogs,
  toHex,
  zeroAddress,
} from 'viem'
import type { ContractAddresses } from '#contracts/deploy/plan.ts'
import { landAbi } from '#contracts/land.ts'
import { modelAbi } from '#contracts/model.ts'
import { encodeCid, parseDigest } from '#core/cid.ts'
import { parcelIdOf, shareOf } from '#core/land-rule.ts'
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import { placementIdOf } from '#objects/placement.ts'
import { toFixedPose } from '#objects/placement-pose.ts'
import { createContent } from '#peer/content.ts'
import { loadSample, type Sample, type SampleModel } from '../sample.ts'
import { createSampleIdentity } from '../sample-author.ts'
import { type ActedCall, type ActingClient, actTogether, createActingClient } from './act-together.ts'
import { type SampleAccounts, sampleAccounts } from './sample-accounts.ts'
import { stakeForSamples } from './sample-stakes.ts'

export interface SettleSampleInit {
  readonly url: string
  readonly sampleDir: string
  readonly contracts: ContractAddresses
  readonly network: NetworkName
}

interface Settling {
  readonly client: ActingClient
  readonly contracts: ContractAddresses
  readonly sample: Sample
  readonly accounts: SampleAccounts
  readonly network: NetworkName
}

/** The author of a sample's model keeps a twentieth of sales, in 1/10,000. */
const ROYALTY = 500
const ON_PARCEL = 1
const OWNER_BITS = (1n << 160n) - 1n

/**
 * Gives the sample's parcels to its accounts, as if they had bought them, lets its author build on them and on those that
 * are public, gives each of its models a token that stands there, and stakes for those who sign its links. Does nothing
 * when it is done.
 */
export async function settleSample({ url, sampleDir, contracts, network }: SettleSampleInit): Promise<void> {
  const client = createActingClient(url)
  const [sample, accounts] = await Promise.all([loadSample(sampleDir), sampleAccounts()])
  const settling = { client, contracts, sample, accounts, network }
  const plots = await readPlots(settling)
  const mintings = await mintModels(settling, plots)
  const stakes = await stakeForSamples(client, contracts, accounts.linkers)
  const parcels = mintParcels(settling, plots)
  const receipts = await actTogether(client, [...parcels, ...mintings.values(), ...stakes.first])
  const logs = receipts.flatMap((receipt) => receipt.logs)
  const minted = parseEventLogs({ abi: modelAbi, eventName: 'Minted', logs })
  const tokens = new Map(minted.map(({ args }) => [args.objectId, args.id]))
  const placed = placeModels(settling, { plots, objects: [...mintings.keys()], tokens })
  await actTogether(client, [...placed, ...stakes.second])
}

/** A parcel of the sample with the model that stands there. */
interface Plot {
  readonly model: SampleModel
  readonly id: number
  readonly isMinted: boolean
  readonly isPublic: boolean
  /** who has its model: the parcel's owner, on public land the author */
  readonly holder: Address
}

async function readPlots({ client, contracts, sample, accounts }: Settling): Promise<readonly Plot[]> {
  const { author, owners } = accounts
  return Promise.all(
    sample.models.map(async (model, index) => {
      const id = parcelIdOf(model.parcel)
      const word = await client.getStorageAt({ address: contracts.landGrid, slot: toHex(id) })
      const owner = hexToBigInt(word ?? '0x0') & OWNER_BITS
      const isMinted = owner !== 0n
      const isPublic = shareOf(id) === 'public'
      const own = isMinted ? toHex(owner, { size: 20 }) : (owners[index % owners.length] ?? author)
      return { model, id, isMinted, isPublic, holder: isPublic ? author : own }
    }),
  )
}

/** The sample's parcels that nobody has yet, and leave for its author to build on them. */
function mintParcels({ contracts, accounts }: Settling, plots: readonly Plot[]): readonly ActedCall[] {
  const { land, landSale, timelock } = contracts
  const abi = landAbi
  const missing = plots.filter(({ isMinted }) => !isMinted)
  if (missing.length === 0) return []
  const minted = missing.map(({ id, isPublic, holder }) => ({
    from: landSale,
    to: land,
    data: isPublic
      ? encodeFunctionData({ abi, functionName: 'mintPublic', args: [BigInt(id), 1n] })
      : encodeFunctionData({ abi, functionName: 'mint', args: [holder, BigInt(id)] }),
  }))
  const leave = encodeFunctionData({ abi, functionName: 'setBuilder', args: [0n, accounts.author, true] })
  return [...minted, ...[timelock, ...accounts.owners].map((from) => ({ from, to: land, data: leave }))]
}

/** A token for each model, by the id of the object that it shows; none when there are some already. */
async function mintModels(
  { client, contracts, sample, network }: Settling,
  plots: readonly Plot[],
): Promise<ReadonlyMap<Hex, ActedCall>> {
  const model = { abi: modelAbi, address: contracts.model } as const
  const holders = [...new Set(plots.map(({ holder }) => holder))]
  const held = await Promise.all(
    holders.map((holder) => client.readContract({ ...model, functionName: 'balanceOf', args: [holder] })),
  )
  if (held.some((count) => count > 0n)) return new Map()
  const objects = await objectsOf(sample, network)
  const contents = await contentsOf(sample)
  return new Map(
    plots.map(({ model: { name }, holder: from }, index) => {
      const content = contents.get(name) as Hex // of every model
      const object = objects[index] as Hex // one for each model
      const args = [content, object, ROYALTY, zeroAddress] as const
      const data = encodeFunctionData({ abi: modelAbi, functionName: 'mint', args })
      return [object, { from, to: contracts.model, data }]
    }),
  )
}

/** Binary CIDs of the models' files by their names, as the relay stores and serves them. */
async function contentsOf({ models }: Sample): Promise<ReadonlyMap<string, Hex>> {
  const content = createContent({
    helia: { blockstore: new MemoryBlockstore() },
    provide: async () => {},
  })
  const files = new Map(models.map(({ name, bytes }) => [name, bytes]))
  const cids = await Promise.all(
    [...files].map(async ([name, bytes]) => {
      const { cid } = await content.add(bytes)
      return [name, toHex(encodeCid(parseDigest(cid)))] as const
    }),
  )
  return new Map(cids)
}

/** Ids of the sample's Placement objects, which depend on their wallet and parcels alone: any device will do. */
async function objectsOf({ models, madeAtMs }: Sample, network: NetworkName): Promise<readonly Hex[]> {
  const machine = machineOf(network)
  const secret = new Uint8Array(32)
  const author = await createSampleIdentity({ links: [], madeAtMs, machine, secret, account: 0 })
  return models.map(({ parcel }) => toHex(placementIdOf({ machine, parcel }, author)))
}

interface Tokens {
  readonly plots: readonly Plot[]
  /** of the models in their order */
  readonly objects: readonly Hex[]
  readonly tokens: ReadonlyMap<Hex, bigint>
}

/** Each token to where its model stands. */
function placeModels({ contracts }: Settling, { plots, objects, tokens }: Tokens): readonly ActedCall[] {
  return plots.flatMap(({ model, id, holder: from }, index) => {
    const token = tokens.get(objects[index] ?? '0x')
    if (token === undefined) return []
    const placement = { ground: ON_PARCEL, id, ...toFixedPose(model.placement) }
    const args = [token, placement] as const
    const data = encodeFunctionData({ abi: modelAbi, functionName: 'place', args })
    return [{ from, to: contracts.model, data }]
  })
}
