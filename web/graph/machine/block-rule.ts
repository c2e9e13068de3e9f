import { type Bytes, equalBytes, toHex } from '#core/bytes.ts'
import type { Address } from '#core/identity.ts'
import type { RecordVerifier } from '#objects/signed-record.ts'
import { verifyLinkBatch } from '../link-batch.ts'
import type { ReadGraphBlock, SignedGraphBlock } from './graph-block.ts'
import { machineError } from './machine-errors.ts'

/**
 * What makes a block the machine's: a certificate, not who sent it. One signature of an orderer now; a quorum of a
 * group later.
 */
export interface BlockRule {
  /** @throws BLOCK_UNSIGNED when the block is not certified by this rule, BLOCK_TIME when it is ahead of our clock */
  verify(block: SignedGraphBlock): Promise<void>
}

export interface OrdererRuleComponents {
  /** as the genesis has them */
  readonly orderers: readonly Address[]
  /** of the machine that the blocks name */
  readonly verifier: RecordVerifier
}

const KIND = { name: 'block', scope: 'blocks' } as const

/** One of the genesis's orderers signs each block. */
export function createOrdererRule({ orderers, verifier }: OrdererRuleComponents): BlockRule {
  return {
    async verify(block) {
      if (!orderers.some((orderer) => equalBytes(orderer, block.neuron))) {
        throw unsigned(block, `0x${toHex(block.neuron)} is no orderer of this machine.`)
      }
      const fault = await verifier.judge(block, KIND)
      if (fault?.reason === 'time') throw machineError('BLOCK_TIME', fault.message)
      if (fault !== undefined) throw unsigned(block, fault.message, fault.cause)
    },
  }
}

function unsigned({ desc }: SignedGraphBlock, why: string, cause?: unknown): Error {
  return machineError('BLOCK_UNSIGNED', `Block ${desc.height} was not taken: ${why}`, { cause })
}

/** Two signed blocks of one height: an orderer's fault that everybody can check ([KG3]). */
export interface BlockFork {
  readonly height: number
  /** as they travel, the one that counts first */
  readonly bundles: readonly [Bytes, Bytes]
}

/** Checks all signatures of a block: its own, and those of the batches in it. */
export interface BlockVerifier {
  /** @throws BLOCK_UNSIGNED, BLOCK_TIME, LINKS_MACHINE, LINKS_TIME, LINKS_NOT_AUTHORISED, LINKS_FORGED */
  verify(block: ReadGraphBlock): Promise<void>
}

/** `batches`: the verifier of the machine that link batches name. */
export function createBlockVerifier(rule: BlockRule, batches: RecordVerifier): BlockVerifier {
  return {
    async verify(block) {
      await rule.verify(block)
      await Promise.all(block.batches.map((batch) => verifyLinkBatch(batch, batches)))
    },
  }
}
