import { toHex } from '#core/bytes.ts'
import { DIGEST_BYTES, formatCid, parseDigest } from '#core/cid.ts'
import { formatAddress } from '#core/delegation.ts'
import type { NetworkName } from '#core/network.ts'
import type { ProvenAnswer } from '#graph/machine/answer.ts'
import type { SeenFork } from '#graph/machine/fork-watch.ts'
import { machineOfGenesis } from '#graph/machine/genesis.ts'
import type { SignedGraphBlock } from '#graph/machine/graph-block.ts'
import { OUT_LEAF_BYTES } from '#graph/machine/ordered-links.ts'
import { oldAfterMs, parametersAt } from '#graph/machine/parameters.ts'
import { blockToHex, type CheckedRankProof } from '#graph/machine/saved-proof.ts'
import { rankPath } from '#merkle/inclusion-path.ts'
import type { GenesisPin, KnownMachine } from '#peer/genesis-pin.ts'
import type { LightAnswer, LightBandwidth, LightClient, RefusedAnswer } from '#peer/light-client.ts'
import type {
  BandwidthFacts,
  BlockFacts,
  BlockForkFacts,
  MachineFacts,
  MachineState,
  ProvenPage,
  ProvenResult,
  RefusedPeer,
  VerifiedRank,
} from './machine-types.ts'

/** All rank there is, in its own units. */
const ALL_RANK = 2 ** 62
const ADDRESS_BYTES = OUT_LEAF_BYTES - DIGEST_BYTES

export function blockFacts(block: SignedGraphBlock): BlockFacts {
  const { height, links, particles, rankedAt, rankRoot, mapRoot, rankStakes } = block.desc
  return {
    ...{ height, links, particles, rankedAt },
    ...(rankStakes === undefined ? {} : { stakesAt: rankStakes.seconds }),
    hash: toHex(block.hash),
    time: Math.floor(block.timeUs / 1_000),
    orderer: formatAddress(block.neuron),
    rankRoot: toHex(rankRoot),
    mapRoot: toHex(mapRoot),
    signed: blockToHex(block),
  }
}

function forkFacts({ height, blocks: [first, second] }: SeenFork): BlockForkFacts {
  return { height, blocks: [blockFacts(first), blockFacts(second)] }
}

function refusedPeer({ peer, at, error: { code, message } }: RefusedAnswer): RefusedPeer {
  return { peer, at, failure: { code, message } }
}

function machineFacts({ id, genesis }: KnownMachine): MachineFacts {
  return { id: toHex(id), orderers: genesis.orderers.map(formatAddress) }
}

/** What is shown of the machine: what is believed, what was seen, and what was refused. */
export function machineState(
  { pinned, other, failure }: GenesisPin,
  client: Pick<LightClient, 'newest' | 'forks' | 'falseStakes' | 'refused'> | undefined,
): MachineState {
  const newest = client?.newest
  const height = newest?.desc.height ?? 0
  return {
    isNamed: pinned !== undefined || other !== undefined || failure !== undefined,
    ...(pinned === undefined
      ? {}
      : {
          machine: {
            ...machineFacts(pinned),
            rankPeriod: parametersAt(pinned.genesis.parameters, height).rankPeriod,
          },
        }),
    ...(other === undefined ? {} : { other: machineFacts(other) }),
    ...(newest === undefined ? {} : { block: blockFacts(newest) }),
    forks: (client?.forks ?? []).map(forkFacts),
    falseStakes: (client?.falseStakes ?? []).map(({ block, error: { code, message } }) => ({
      block: blockFacts(block),
      failure: { code, message },
    })),
    refused: (client?.refused ?? []).map(refusedPeer),
    ...(failure === undefined ? {} : { failure: { code: failure.code, message: failure.message } }),
  }
}

/** What a neuron may link, with the blocks at which more of it is back. */
export function bandwidthFacts(
  { height, cost, remaining, max, peer }: LightBandwidth,
  { genesis }: KnownMachine,
): BandwidthFacts {
  const { recoveryPeriod } = parametersAt(genesis.parameters, height)
  // all of it comes back evenly over the recovery period ([KG5])
  const heightOf = (wanted: bigint): number =>
    wanted <= remaining
      ? height
      : height + Number(((wanted - remaining) * BigInt(recoveryPeriod) + max - 1n) / max)
  return {
    ...{ height, cost, remaining, max, peer },
    fullAt: heightOf(max),
    sufficesAt: cost > max ? undefined : heightOf(cost),
  }
}

/** A checked answer as a page of results. */
export function provenPage(
  { answer, block, peer, stakes }: LightAnswer,
  { network, limit }: { readonly network: NetworkName; readonly limit: number },
): ProvenPage {
  const neurons = neuronsOf(answer)
  return {
    particle: formatCid(answer.from),
    results: answer.targets.slice(0, limit).map(
      ({ digest, rank, index }): ProvenResult => ({
        ...{ cid: formatCid(digest), rank, index, share: Number(rank) / ALL_RANK },
        neurons: neurons.get(toHex(digest)) ?? [],
      }),
    ),
    total: answer.targets.length,
    block: blockFacts(block),
    stakes,
    oldAt: Math.floor(block.timeUs / 1_000) + oldAfterMs(network),
    peer,
  }
}

/** Who linked each target, by its digest in hexadecimal digits. */
function neuronsOf({ links }: ProvenAnswer): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (let at = 0; at < links.length; at += OUT_LEAF_BYTES) {
    const target = toHex(links.subarray(at + ADDRESS_BYTES, at + OUT_LEAF_BYTES))
    const neurons = found.get(target) ?? []
    neurons.push(formatAddress(links.subarray(at, at + ADDRESS_BYTES)))
    found.set(target, neurons)
  }
  return found
}

/** What a proof that holds shows, and whether its machine is the one that is believed. */
export function verifiedRank(
  { claim, signed }: CheckedRankProof,
  pinned: KnownMachine | undefined,
): VerifiedRank {
  const { cid, rank, index, treeSize, root } = claim
  const { leaf, steps } = rankPath(claim, parseDigest(cid))
  const machine = signed === undefined ? undefined : toHex(machineOfGenesis(signed.genesis))
  return {
    ...{ cid, rank, index, treeSize, leaf },
    share: Number(rank) / ALL_RANK,
    root: toHex(root),
    path: steps,
    ...(signed === undefined ? {} : { block: blockFacts(signed.block) }),
    ...(machine === undefined ? {} : { machine }),
    isTrusted: machine !== undefined && pinned !== undefined && machine === toHex(pinned.id),
  }
}
