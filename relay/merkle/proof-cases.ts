import { isAppError } from '#core/errors.ts'
import { verifyConsistency } from '#merkle/verify-consistency.ts'
import { verifyInclusion } from '#merkle/verify-inclusion.ts'
import { type Fields, fileError, readList, readObject } from './tree-files.ts'

export interface CheckedCases {
  readonly checked: number
  /** names of the cases whose outcome was not the expected one */
  readonly wrong: readonly string[]
}

/**
 * Runs the cases of a file of transparency-dev/merkle's shape (their testdata in one object): proofs to accept, and
 * proofs to refuse, which have `wantErr`.
 *
 * @throws MERKLE_FILE for what has not this shape, naming the case
 */
export function checkProofCases(json: unknown): CheckedCases {
  const file = readObject(json, 'it')
  if (file.inclusion === undefined && file.consistency === undefined)
    throw fileError('it has neither inclusion nor consistency')
  const cases = [
    ...readCases(file.inclusion, 'inclusion', checkInclusion),
    ...readCases(file.consistency, 'consistency', checkConsistency),
  ]
  return {
    checked: cases.length,
    wrong: cases.filter(({ isExpected }) => !isExpected).map((checked) => checked.name),
  }
}

type CheckCase = (fields: Fields, at: string) => void

function readCases(list: unknown, kind: string, check: CheckCase) {
  return readList(list ?? [], kind).map((item, index) => {
    const at = `${kind}[${index}]`
    const fields = readObject(item, at)
    const name = typeof fields.file === 'string' ? fields.file : at
    const wantErr = fields.wantErr ?? false
    if (typeof wantErr !== 'boolean') throw fileError(`${at}.wantErr: expected true or false`)
    return { name, isExpected: isRefused(() => check(fields, at)) === wantErr }
  })
}

function isRefused(check: () => void): boolean {
  try {
    check()
    return false
  } catch (error) {
    if (isAppError(error) && error.code.startsWith('MERKLE_') && error.code !== 'MERKLE_FILE') return true
    throw error
  }
}

function checkInclusion(fields: Fields, at: string): void {
  verifyInclusion({
    index: readNumber(fields.leafIdx, `${at}.leafIdx`),
    treeSize: readNumber(fields.treeSize, `${at}.treeSize`),
    leafHash: readBase64(fields.leafHash, `${at}.leafHash`),
    root: readBase64(fields.root, `${at}.root`),
    proof: readProof(fields.proof, `${at}.proof`),
  })
}

function checkConsistency(fields: Fields, at: string): void {
  verifyConsistency({
    oldSize: readNumber(fields.size1, `${at}.size1`),
    newSize: readNumber(fields.size2, `${at}.size2`),
    oldRoot: readBase64(fields.root1, `${at}.root1`),
    newRoot: readBase64(fields.root2, `${at}.root2`),
    proof: readProof(fields.proof, `${at}.proof`),
  })
}

/** Any number: which of them are sizes is for the verifiers to say. */
function readNumber(value: unknown, at: string): number {
  if (typeof value === 'number') return value
  throw fileError(`${at}: expected a number`)
}

/** null is how Go writes an empty list, and an empty hash. */
function readProof(value: unknown, at: string): readonly Uint8Array[] {
  return readList(value ?? [], at).map((node, index) => readBase64(node, `${at}[${index}]`))
}

function readBase64(value: unknown, at: string): Uint8Array {
  const text = value ?? ''
  if (typeof text === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0)
    return Buffer.from(text, 'base64')
  throw fileError(`${at}: expected base64`)
}
