import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { wordBytes } from '#chain/hex.ts'
import { EMPTY_TRIE_ROOT, storageRoot } from '#chain/land/storage-trie.ts'
import { concat, toHex } from '#core/bytes.ts'
import { createTsKeccak, type Keccak, keccak256 } from '#core/keccak.ts'
import { createFastestKeccak, createWasmKeccak } from '#wasm/bindings/keccak.ts'
import { buildWasm } from '#wasm/build.ts'
import { recordedChains } from '../../../fakes/chain-vectors.ts'
import { storageRootOf } from '../../../fakes/trie.ts'

const wasm = await createWasmKeccak(new Uint8Array(await readFile((await buildWasm()).keccak)))

type Slots = readonly (readonly [slot: bigint, value: bigint])[]

function rootOf(keccak: Keccak, slots: Slots, zeros: readonly bigint[] = []): string {
  const keysOf = (numbers: readonly bigint[]) => keccak.hashEach(concat(...numbers.map(wordBytes)), 32)
  const words = concat(...slots.map(([, value]) => wordBytes(value)))
  return toHex(storageRoot(keccak, { keys: keysOf(slots.map(([slot]) => slot)), words }, keysOf(zeros)))
}

describe.each([wasm, createTsKeccak()])('[CH14] a storage trie by the $name hash', (keccak) => {
  const [{ proofs, storage }] = recordedChains() as [ReturnType<typeof recordedChains>[0]]
  const slots = Object.entries(storage).map(([slot, value]) => [BigInt(slot), BigInt(value)] as const)
  const { storageHash } = proofs[0].answer as { storageHash: string }

  it('has the root that a chain computed, in any order of the slots', () => {
    expect(`0x${rootOf(keccak, slots)}`).toBe(storageHash)
    expect(`0x${rootOf(keccak, slots.toReversed())}`).toBe(storageHash)
  })

  it('counts a slot of zero as none', () => {
    expect(`0x${rootOf(keccak, [...slots, [5n, 0n], [65_536n, 0n]])}`).toBe(storageHash)
    expect(rootOf(keccak, [[1n, 0n]])).toBe(toHex(EMPTY_TRIE_ROOT))
  })

  it('has leaves of zero where a chain keeps them, and nowhere else', () => {
    for (const zeros of [[5n], [5n, 65_536n, 2n ** 255n]]) {
      const kept = new Map([...slots, ...zeros.map((slot) => [slot, 0n] as const)])
      expect(`0x${rootOf(keccak, slots, zeros)}`).toBe(storageRootOf(kept, true))
      // told twice they are one, and what is held is no zero
      const [[held]] = slots as [Slots[0]]
      expect(rootOf(keccak, slots, [...zeros, held, ...zeros])).toBe(rootOf(keccak, slots, zeros))
      expect(`0x${rootOf(keccak, slots, zeros)}`).not.toBe(storageHash)
    }
    expect(`0x${rootOf(keccak, [], [7n])}`).toBe(storageRootOf(new Map([[7n, 0n]]), true))
  })

  it('has another root with a word altered, left out or added', () => {
    for (const [i, [slot, value]] of slots.entries()) {
      expect(`0x${rootOf(keccak, slots.with(i, [slot, value ^ 1n]))}`).not.toBe(storageHash)
      expect(`0x${rootOf(keccak, slots.toSpliced(i, 1))}`).not.toBe(storageHash)
    }
    expect(`0x${rootOf(keccak, [...slots, [5n, 1n]])}`).not.toBe(storageHash)
  })
})

describe('keccak', () => {
  it('is the same by wasm and by TypeScript, around the end of each block', () => {
    for (let length = 0; length < 410; length++) {
      const message = Uint8Array.from({ length }, (_, i) => i * 7 + length)
      const out = new Uint8Array(34)
      wasm.hashInto(message, out, 1)
      expect(toHex(out.subarray(1, 33))).toBe(toHex(keccak256(message)))
    }
  })

  it('hashes more messages, and longer ones, than fit its memory', () => {
    const messages = Uint8Array.from({ length: 32 * 2_100 }, (_, i) => (i * i) >> 5)
    const ts = createTsKeccak()
    expect(wasm.hashEach(messages, 32)).toEqual(ts.hashEach(messages, 32))
    expect(wasm.hashEach(messages, 67_200)).toEqual(ts.hashEach(messages, 67_200))
    const [out, expected] = [new Uint8Array(32), new Uint8Array(32)]
    wasm.hashInto(messages, out, 0)
    ts.hashInto(messages, expected, 0)
    expect(out).toEqual(expected)
  })

  it('falls back to TypeScript where the module does not compile, and says why', async () => {
    const causes: unknown[] = []
    const keccak = await createFastestKeccak(
      async () => new Uint8Array(8),
      (cause) => causes.push(cause),
    )
    expect(keccak.name).toBe('ts')
    expect(causes).toEqual([expect.any(WebAssembly.CompileError)])
  })
})
