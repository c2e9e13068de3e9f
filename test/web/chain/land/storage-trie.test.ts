import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { wordBytes } from '#chain/hex.ts'
import { EMPTY_TRIE_ROOT, storageRoot } from '#chain/land/storage-trie.ts'
import { concat, toHex } from '#core/bytes.ts'
import { createTsKeccak, type Keccak, keccak256 } from '#core/keccak.ts'
import { createFastestKeccak, createWasmKeccak } from '#wasm/bindings/keccak.ts'
import { buildWasm } from '#wasm/build.ts'
import { recordedChains } from '../../../fakes/chain-vectors.ts'

const wasm = await createWasmKeccak(new Uint8Array(await readFile((await buildWasm()).keccak)))

function rootOf(keccak: Keccak, slots: readonly (readonly [slot: bigint, value: bigint])[]): string {
  const keys = keccak.hashEach(concat(...slots.map(([slot]) => wordBytes(slot))), 32)
  return toHex(storageRoot(keccak, { keys, words: concat(...slots.map(([, value]) => wordBytes(value))) }))
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
