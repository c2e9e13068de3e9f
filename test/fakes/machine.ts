import type { Identity } from '#core/identity.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { ReadLinkBatch } from '#graph/link-batch.ts'
import { createBlockVerifier, createOrdererRule } from '#graph/machine/block-rule.ts'
import { createGenesis, type MachineGenesis, machineOfGenesis } from '#graph/machine/genesis.ts'
import { type ReadGraphBlock, signGraphBlock } from '#graph/machine/graph-block.ts'
import { createMachineStore } from '#graph/machine/machine-store.ts'
import {
  type AppliedBlock,
  RelevanceMachine,
  type RelevanceMachineComponents,
} from '#graph/machine/relevance-machine.ts'
import { fixedStakeSource } from '#graph/machine/stake-source.ts'
import type { RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createTsHasher } from '#merkle/tree-hasher.ts'
import { createRecordVerifier } from '#objects/signed-record.ts'
import { fakeIdentity, TEST_NOW } from './identity.ts'
import { createFeed, link, linkVerifier } from './links.ts'
import { createMemoryRecordStore } from './memory-record-store.ts'

const ORDERER = 900

/** A machine's genesis with the test's orderer, whose devices sign its blocks. */
export async function fakeGenesis(change: Partial<MachineGenesis> = {}): Promise<MachineGenesis> {
  return { ...createGenesis('test', [(await fakeIdentity(ORDERER)).neuron]), ...change }
}

/** A device of the orderer, authorised for blocks of this machine. */
export function fakeOrderer(genesis: MachineGenesis, device = ORDERER): Promise<Identity> {
  const change = { machine: machineOfGenesis(genesis), scope: ['blocks'] as const }
  return fakeIdentity(device, { wallet: ORDERER, change })
}

export interface FakeMachineInit {
  readonly genesis: MachineGenesis
  readonly records?: RecordStore
  readonly change?: Partial<RelevanceMachineComponents>
}

export function fakeVerifier(genesis: MachineGenesis) {
  const verifier = createRecordVerifier({
    machine: machineOfGenesis(genesis),
    now: () => TEST_NOW + 3_600_000,
  })
  return createBlockVerifier(createOrdererRule({ orderers: genesis.orderers, verifier }), linkVerifier())
}

/** A machine over a store in memory, or over what is left in one. */
export function openFakeMachine({
  genesis,
  records = createMemoryRecordStore(),
  change = {},
}: FakeMachineInit): Promise<RelevanceMachine> {
  const machine = machineOfGenesis(genesis)
  const { stakes } = genesis
  return RelevanceMachine.open({
    machine,
    parameters: genesis.parameters,
    store: createMachineStore(records, machine),
    // those of a chain come with the change
    stakes: fixedStakeSource(stakes.kind === 'chain' ? { kind: 'table', stakes: [] } : stakes),
    hasher: createTsHasher(),
    kernel: createTsKernel,
    verifier: fakeVerifier(genesis),
    onDamaged: (key) => {
      throw new Error(`${key} is damaged`)
    },
    onFailure: (error) => {
      throw error
    },
    ...change,
  })
}

/** Makes a machine's next block as its orderer does. */
export function makeBlock(
  machine: RelevanceMachine,
  orderer: Identity,
  batches: readonly ReadLinkBatch[],
): Promise<AppliedBlock> {
  const timeUs = Math.max(machine.tip.timeUs, TEST_NOW * 1_000) + 1
  return machine.make({ batches, timeUs }, (head, state) => signGraphBlock({ head, state, batches }, orderer))
}

/** Kernel that counts how often it is asked. */
export function countingKernel(): RankKernel & { readonly ranked: number } {
  const kernel = createTsKernel()
  let ranked = 0
  return {
    name: kernel.name,
    get ranked() {
      return ranked
    },
    rank(...args) {
      ranked++
      return kernel.rank(...args)
    },
  }
}

/** Batches of a few neurons for `blocks` blocks: words of a small language linked to one another, the same each time. */
export async function fakeBatches(blocks: number): Promise<readonly (readonly ReadLinkBatch[])[]> {
  const feeds = await Promise.all([1, 2, 3].map(async (device) => createFeed(await fakeIdentity(device))))
  const all: (readonly ReadLinkBatch[])[] = []
  for (let block = 0; block < blocks; block++) {
    const batches: ReadLinkBatch[] = []
    for (const [neuron, feed] of feeds.entries()) {
      if ((block + neuron) % 3 === 2) continue
      const word = (step: number) => `word ${(block * 7 + neuron + step) % 13}`
      batches.push(await feed.next([1, 2, 4].map((step) => link(word(0), word(step)))))
    }
    all.push(batches)
  }
  return all
}

/** A chain of blocks and the machine that made them. */
export async function fakeChain(genesis: MachineGenesis, blocks: number, records?: RecordStore) {
  const machine = await openFakeMachine({ genesis, ...(records === undefined ? {} : { records }) })
  const orderer = await fakeOrderer(genesis)
  const made: ReadGraphBlock[] = []
  for (const batches of await fakeBatches(blocks))
    made.push((await makeBlock(machine, orderer, batches)).block)
  await machine.whenRanked()
  return { machine, orderer, blocks: made }
}

/** The same blocks made again by the same orderer, but the last, which has fewer links: two blocks of one height. */
export async function fakeFork(genesis: MachineGenesis, blocks: number): Promise<RelevanceMachine> {
  const machine = await openFakeMachine({ genesis })
  const orderer = await fakeOrderer(genesis)
  for (const [at, batches] of (await fakeBatches(blocks)).entries())
    await makeBlock(machine, orderer, at === blocks - 1 ? batches.slice(1) : batches)
  await machine.whenRanked()
  return machine
}

/** All that a machine is, to compare: its status, its ranks and the trees of its last block. */
export function stateOf(machine: RelevanceMachine): Readonly<Record<string, unknown>> {
  const { submitted, trees, rankTree, ledger, snapshot } = machine.state
  const { next, ...status } = machine.status()
  return {
    ...status,
    nextSnapshot: next?.snapshot,
    ranks: [...submitted.ranks],
    roots: trees.roots(),
    linkTree: trees.short,
    rankTree: rankTree.shortTree(),
    snapshot,
    price: ledger.bandwidth.price,
    bandwidth: Array.from({ length: ledger.links.neurons }, (_, neuron) => ledger.bandwidth.quote(neuron)),
    stakes: ledger.stakes(),
    rows: [...ledger.links.rows()],
  }
}
