import { type Digest, parseDigest, textCid } from '#core/cid.ts'
import type { Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import {
  type Link,
  type NewLinkBatch,
  NO_PREVIOUS,
  type ReadLinkBatch,
  signLinkBatch,
} from '#graph/link-batch.ts'
import { createRecordVerifier, type RecordVerifier } from '#objects/signed-record.ts'
import { TEST_NOW } from './identity.ts'

export function digestOf(word: string): Digest {
  return parseDigest(textCid(word))
}

/** `link('moon', 'night')` */
export function link(from: string, to: string): Link {
  return { from: digestOf(from), to: digestOf(to) }
}

export function linkVerifier(): RecordVerifier {
  return createRecordVerifier({ machine: machineOf('test'), now: () => TEST_NOW })
}

/** Signs batches as a well-behaved device does, or as told. */
export function createFeed(identity: Identity) {
  let last: ReadLinkBatch | undefined
  return {
    /** The next batch, or one with some fields changed; a changed one becomes the last too. */
    async next(links: readonly Link[], change: Partial<NewLinkBatch> = {}): Promise<ReadLinkBatch> {
      last = await signLinkBatch(
        {
          machine: machineOf('test'),
          seq: last === undefined ? 0 : last.seq + 1,
          prev: last?.hash ?? NO_PREVIOUS,
          timeUs: TEST_NOW * 1_000 + (last === undefined ? 0 : last.seq + 1),
          links,
          ...change,
        },
        identity,
      )
      return last
    },
    /** Goes on from an earlier batch: what makes a fork. */
    rewind(batch: ReadLinkBatch | undefined): void {
      last = batch
    },
  }
}
