import { type Bytes, concat, equalBytes, utf8 } from '#core/bytes.ts'
import { dataObjectId } from '#objects/object-id.ts'
import {
  decodeDepositAnswer,
  decodeKeyDeposit,
  encodeDepositAnswer,
  encodeDepositBody,
  type KeyDeposit,
  type KeyDepositAnswer,
} from '#peer/protocols/key-deposit.ts'
import { WRAP_KEY_BYTES, WRAPPED_BYTES } from '#peer/protocols/key-wrap.ts'
import {
  decodeKeyAnswer,
  decodeKeyRequest,
  encodeKeyAnswer,
  encodeKeyRequest,
  KEY_NONCE_BYTES,
  type KeyAnswer,
  type KeyRequest,
} from '#peer/protocols/object-key.ts'
import type { FuzzTarget } from '../fuzz.ts'

const MAX_INPUT_BYTES = 2_048
const INVALID = ['OBJECT_KEY_MESSAGE_INVALID'] as const
/** of any length: only who verifies it takes it apart */
const PROOF = counted(300)

/** [OB11] What a stranger asks for the key of an object. */
export function keyRequestTarget(): FuzzTarget {
  const head = { id: dataObjectId(utf8('sealed')), question: counted(KEY_NONCE_BYTES) }
  const requests: readonly KeyRequest[] = [
    { kind: 'ask', ...head },
    {
      ...{ kind: 'claim', ...head, nonce: counted(KEY_NONCE_BYTES), proof: PROOF },
      ...{ wrapTo: counted(WRAP_KEY_BYTES), model: 7 },
    },
  ]
  return {
    name: 'key-request',
    seeds: requests.map(encodeKeyRequest),
    maxInputBytes: MAX_INPUT_BYTES,
    codes: INVALID,
    run: (input) => assertSame(input, encodeKeyRequest(decodeKeyRequest(input))),
  }
}

/** [OB11] What a stranger answers; its sentence is shown to people. */
export function keyAnswerTarget(): FuzzTarget {
  const answers: readonly KeyAnswer[] = [
    { kind: 'lacks' },
    { kind: 'busy' },
    { kind: 'offer', nonce: counted(KEY_NONCE_BYTES), proof: PROOF },
    {
      kind: 'key',
      until: 1_800_000_000,
      key: { from: counted(WRAP_KEY_BYTES), sealed: counted(WRAPPED_BYTES) },
    },
    { kind: 'refused', why: 'Your wallet is not among the readers – 你不在读者之中.' },
  ]
  return {
    name: 'key-answer',
    seeds: answers.map(encodeKeyAnswer),
    maxInputBytes: MAX_INPUT_BYTES,
    codes: INVALID,
    run(input) {
      const answer = decodeKeyAnswer(input)
      const encoded = encodeKeyAnswer(answer)
      if (answer.kind !== 'refused') return assertSame(input, encoded)
      if (/\p{C}/u.test(answer.why)) throw new Error('what is shown has control characters')
      const again = decodeKeyAnswer(encoded)
      if (again.kind !== 'refused' || again.why !== answer.why) throw new Error('it is read otherwise again')
    },
  }
}

/** [CH7] What a stranger wants a relay to keep or to give back. */
export function keyDepositTarget(): FuzzTarget {
  const deposits: readonly KeyDeposit[] = [
    {
      ...{ kind: 'give', desc: counted(110), key: counted(32), grant: counted(371) },
      readers: [counted(20), counted(20)],
    },
    { kind: 'take', id: dataObjectId(utf8('sealed')) },
  ]
  return {
    name: 'key-deposit',
    seeds: deposits.map((deposit) => concat(encodeDepositBody(deposit), PROOF)),
    maxInputBytes: MAX_INPUT_BYTES,
    codes: INVALID,
    run(input) {
      const { deposit, body, proof } = decodeKeyDeposit(input)
      assertSame(input, concat(body, proof))
      assertSame(body, encodeDepositBody(deposit))
    },
  }
}

/** [CH7] What a relay says to it. */
export function depositAnswerTarget(): FuzzTarget {
  const answers: readonly KeyDepositAnswer[] = [
    { kind: 'kept', sells: true },
    { kind: 'gone' },
    { kind: 'busy' },
    { kind: 'refused', why: 'This relay has no room for more keys – 没有空间.' },
  ]
  return {
    name: 'deposit-answer',
    seeds: answers.map(encodeDepositAnswer),
    maxInputBytes: MAX_INPUT_BYTES,
    codes: INVALID,
    run(input) {
      const answer = decodeDepositAnswer(input)
      if (answer.kind !== 'refused') return assertSame(input, encodeDepositAnswer(answer))
      if (/\p{C}/u.test(answer.why)) throw new Error('what is shown has control characters')
    },
  }
}

function counted(length: number): Bytes {
  return Uint8Array.from({ length }, (_, i) => i)
}

function assertSame(input: Uint8Array, output: Uint8Array): void {
  if (!equalBytes(input, output)) throw new Error('it was taken, but is written otherwise')
}
