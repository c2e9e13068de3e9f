import type { Signal } from '@preact/signals'
import { equalBytes, toHex } from '#core/bytes.ts'
import { DIGEST_BYTES, type Digest, parseDigest, particleOf } from '#core/cid.ts'
import { parseAddress } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { ProvenTarget } from '#graph/machine/answer.ts'
import { checkRankProof, encodeBlock, saveRankProof } from '#graph/machine/saved-proof.ts'
import { chooseGenesis, type GenesisPin, pinGenesis } from '#peer/genesis-pin.ts'
import {
  createLightClient,
  type LightAnswer,
  type LightClient,
  type LightClientInit,
} from '#peer/light-client.ts'
import { createAnswersHandler } from '#peer/protocols/answers.ts'
import type { KeyValue } from '#peer/relay-memory.ts'
import { apiError } from './errors.ts'
import { bandwidthFacts, machineState, provenPage, verifiedRank } from './machine-facts.ts'
import type { MachineApi, MachineState } from './machine-types.ts'
import type { SearchPage } from './search-types.ts'

export interface MachineCommandsInit extends Omit<LightClientInit, 'machine' | 'protocols'> {
  readonly network: NetworkName
  /** of the profile: where its machine is pinned */
  readonly store: KeyValue | undefined
  /** genesis that a relay named now */
  readonly told: string | undefined
  /** what the page shows; written after everything that changes it */
  readonly state: Signal<MachineState>
  /** of the wallet of this profile, which is made when there is none */
  readonly neuron: () => Promise<Address>
  /** what links to a CID, as this tab knows it */
  readonly backlinks: (cid: string, limit: number) => Promise<Pick<SearchPage, 'results'>>
}

/** Answers that stay at hand: the proof of what was just shown needs nobody, and others get them from here. */
const MAX_REMEMBERED = 8
/** Particles that link to one whose rank is asked for: the first nearly always has it. */
const MAX_SOURCES = 8
/** No text has this digest: the answer about it is short, and its block is what is wanted. */
const NOWHERE: Digest = new Uint8Array(DIGEST_BYTES)

/**
 * The commands of a tab that keeps no chain: it asks, checks, and believes the orderer that its profile pinned. What was
 * checked here is handed on to peers that ask for it ([KG16a]): they check it as well, whoever gives it.
 */
export function createMachineCommands(init: MachineCommandsInit): MachineApi {
  const { network, store, told, state, transport, now } = init
  const protocols = protocolsOf(network)
  const answers = new Map<string, LightAnswer>()
  let pin: GenesisPin = pinGenesis({ store, network, told })
  let client: LightClient | undefined
  let endServing: (() => void) | undefined
  begin()

  function begin(): void {
    answers.clear()
    endServing?.()
    const { pinned: machine } = pin
    client = machine === undefined ? undefined : createLightClient({ ...init, machine, protocols })
    endServing =
      machine === undefined
        ? undefined
        : transport.requests.handle(
            protocols.answers,
            createAnswersHandler(machine.id, { answer: remembered }),
          )
    show()
  }

  async function remembered(from: Digest) {
    const known = answers.get(toHex(from))
    return known === undefined ? undefined : { block: encodeBlock(known.block), answer: known.answer }
  }

  function show(): MachineState {
    state.value = machineState(pin, client)
    return state.value
  }

  async function ask(from: Digest, signal: AbortSignal): Promise<LightAnswer | undefined> {
    if (client === undefined) throw noMachine(pin)
    const asked = client
    const answer = await asked.ask(from, signal)
    if (asked !== client) return undefined // another machine was chosen meanwhile
    show()
    if (answer !== undefined) remember(toHex(from), answer)
    return answer
  }

  function remember(key: string, answer: LightAnswer): void {
    answers.delete(key)
    answers.set(key, answer)
    const [oldest] = answers.keys()
    if (answers.size > MAX_REMEMBERED && oldest !== undefined) answers.delete(oldest)
  }

  /** Sources that may link to a particle, those at hand first: each a function, as most are never needed. */
  async function* answersWith(cid: string, from: string | undefined, signal: AbortSignal) {
    if (from !== undefined) {
      const digest = parseDigest(particleOf(from))
      yield answers.get(toHex(digest)) ?? (await ask(digest, signal))
      return
    }
    yield* [...answers.values()].reverse()
    const { results } = await init.backlinks(cid, MAX_SOURCES)
    for (const source of results) yield await ask(parseDigest(source.cid), signal)
  }

  return {
    async prove(query, { limit = Number.POSITIVE_INFINITY, signal = never() } = {}) {
      const answer = await ask(parseDigest(particleOf(query)), signal)
      if (answer !== undefined) return provenPage(answer, { network, limit })
      const isAlone = transport.neighbours.connected().length === 0
      throw apiError(
        'RANK_UNPROVEN',
        isAlone
          ? 'Nobody is connected, so nobody can prove what this links to: see tabland.net.relays(), and try again once a relay is reached.'
          : 'Nobody who is connected gives a signed answer that holds: peers that gave a wrong one are named in tabland.state.machine. Try again once others are here.',
      )
    },

    async proof(particle, { from, signal = never() } = {}) {
      const { pinned } = pin
      if (pinned === undefined) throw noMachine(pin)
      const cid = particleOf(particle)
      const digest = parseDigest(cid)
      for await (const answer of answersWith(cid, from, signal)) {
        const target = answer === undefined ? undefined : targetOf(answer, digest)
        if (answer !== undefined && target !== undefined)
          return saveRankProof(target, answer.block, pinned.genesis)
      }
      throw apiError(
        'RANK_UNPROVEN',
        `Nobody who is connected proves a rank of ${cid}: it may be newer than the last block, or nothing that this tab knows links to it. Name what links to it with { from }, or try again after the next block.`,
      )
    },

    verify: async (proof) => verifiedRank(await checkRankProof(proof, now), pin.pinned),

    async machine({ signal = never() } = {}) {
      if (client !== undefined) await ask(NOWHERE, signal)
      return show()
    },

    async bandwidth({ neuron, signal = never() } = {}) {
      const address = neuron === undefined ? await init.neuron() : parseAddress(neuron)
      if (client === undefined || pin.pinned === undefined) throw noMachine(pin)
      const told = await client.bandwidth(address, signal)
      return told === undefined ? undefined : bandwidthFacts(told, pin.pinned)
    },

    async trust(id) {
      pin = chooseGenesis(pin, String(id).replace(/^0x/, '').toLowerCase(), { store })
      begin()
      return state.value
    },
  }
}

function targetOf({ answer }: LightAnswer, digest: Digest): ProvenTarget | undefined {
  return answer.targets.find((target) => equalBytes(target.digest, digest))
}

function noMachine({ other, failure }: GenesisPin) {
  return apiError(
    'MACHINE_NONE',
    failure?.message ??
      (other === undefined
        ? 'No relay of this network puts links into blocks that this tab knows of: ranks are this tab’s own. Open the page from a relay that was started with --orderer.'
        : `A relay names machine ${toHex(other.id)}, which this profile does not believe yet: tabland.rank.trust('${toHex(other.id)}') makes it do so.`),
  )
}

function never(): AbortSignal {
  return new AbortController().signal
}
