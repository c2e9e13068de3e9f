import { describe, expect, it } from 'vitest'
import { checkProofCases } from '#relay/merkle/proof-cases.ts'
import { parseEntries, parseLeaves } from '#relay/merkle/tree-files.ts'

const HASH = Buffer.alloc(32, 1).toString('base64')
const inclusion = { leafIdx: 0, treeSize: 1, root: HASH, leafHash: HASH, proof: null }
const consistency = { size1: 1, size2: 1, root1: HASH, root2: HASH, proof: [] }
const FILE = expect.objectContaining({ code: 'MERKLE_FILE' })

describe('checkProofCases', () => {
  it('takes null for an empty proof and an empty hash, and cases without wantErr for good ones', () => {
    expect(checkProofCases({ inclusion: [inclusion], consistency: [consistency] })).toEqual({
      checked: 2,
      wrong: [],
    })
    expect(checkProofCases({ inclusion: [{ ...inclusion, root: null, wantErr: true }] })).toEqual({
      checked: 1,
      wrong: [],
    })
    expect(checkProofCases({ consistency: [] })).toEqual({ checked: 0, wrong: [] })
  })

  it('refuses numbers that are no sizes as a verifier does', () => {
    for (const leafIdx of [18446744073709552000, -1, 0.5])
      expect(checkProofCases({ inclusion: [{ ...inclusion, leafIdx, wantErr: true }] }).wrong).toEqual([])
  })

  it.each<[string, unknown, string]>([
    ['a list', [], 'it: expected an object'],
    ['neither kind', {}, 'it has neither inclusion nor consistency'],
    ['no list', { inclusion: {} }, 'inclusion: expected a list'],
    ['a case that is none', { inclusion: [7] }, 'inclusion[0]: expected an object'],
    [
      'an index as a text',
      { inclusion: [{ ...inclusion, leafIdx: '0' }] },
      'inclusion[0].leafIdx: expected a number',
    ],
    [
      'a missing size',
      { consistency: [{ ...consistency, size2: undefined }] },
      'consistency[0].size2: expected a number',
    ],
    [
      'a root that is no base64',
      { inclusion: [{ ...inclusion, root: 'é' }] },
      'inclusion[0].root: expected base64',
    ],
    [
      'base64 that is cut',
      { inclusion: [{ ...inclusion, root: 'abc' }] },
      'inclusion[0].root: expected base64',
    ],
    [
      'a node that is none',
      { inclusion: [{ ...inclusion, proof: [5] }] },
      'inclusion[0].proof[0]: expected base64',
    ],
    [
      'wantErr as a text',
      { inclusion: [{ ...inclusion, wantErr: 'no' }] },
      'inclusion[0].wantErr: expected true or false',
    ],
  ])('refuses %s, also where the proof is to be refused', (_, json, problem) => {
    expect(() => checkProofCases(json)).toThrow(FILE)
    expect(() => checkProofCases(json)).toThrow(problem)
  })
})

describe('files of leaves and entries', () => {
  it('are read', () => {
    expect(parseLeaves(['', '0aFF'])).toEqual([new Uint8Array(0), Uint8Array.of(10, 255)])
    const [key, value] = ['0a'.repeat(32), 'FF'.repeat(32)]
    expect(parseEntries({ [key]: value })).toEqual([
      [new Uint8Array(32).fill(10), new Uint8Array(32).fill(255)],
    ])
  })

  it.each([[{}], [['0']], [['0x00']], [[5]], [['00'.repeat(4_097)]]])('leaves %# are refused', (json) => {
    expect(() => parseLeaves(json)).toThrow(FILE)
  })

  it.each([[[]], [{ a: 'b' }], [{ ['00'.repeat(32)]: '00' }], [{ ['00'.repeat(32)]: 5 }]])(
    'entries %# are refused',
    (json) => {
      expect(() => parseEntries(json)).toThrow(FILE)
    },
  )
})
