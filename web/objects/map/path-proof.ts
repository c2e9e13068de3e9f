import { type Bytes, equalBytes } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { MAX_PROOF_NODES } from '#core/limits.ts'
import { formatObjectId, type ObjectId } from '../object-id.ts'
import { decodeMapNodeOf } from './map-node.ts'
import { parseMapPath, pathSteps } from './map-path.ts'
import type { MapNodes } from './map-store.ts'
import { type NodeSteps, readSteps } from './map-walk.ts'

export type PathProofErrorCode = 'PATH_PROOF_INVALID'

/** [OB15] The raw-encoded nodes on a path, from the root on. */
export type PathProof = readonly Bytes[]

export interface ProvenValue {
  /** undefined where there is nothing at the path, which is proved as well */
  readonly value: ObjectId | undefined
  readonly proof: PathProof
}

/**
 * [OB15] What stands at `path` under a root, with the nodes that show it. Reads these nodes alone.
 *
 * @throws PATH_PROOF_INVALID when the path needs more than MAX_PROOF_NODES
 */
export async function provePath(nodes: MapNodes, root: ObjectId, path: string): Promise<ProvenValue> {
  const proof: Bytes[] = []
  const read = async (id: ObjectId) => {
    const node = await nodes.read(id)
    proof.push(node.bytes)
    if (proof.length > MAX_PROOF_NODES) throw proofError(path, `more than ${MAX_PROOF_NODES} nodes on it`)
    return node
  }
  return { value: await readSteps({ read }, pathSteps(root, parseMapPath(path))), proof }
}

/**
 * [OB15] Does `proof` show that `value` (undefined: nothing) stands at `path` under `root`? Needs nothing else; the
 * root is as true as its signature.
 *
 * @throws PATH_PROOF_INVALID saying what does not fit
 * @throws OBJECT_INVALID for a path that is none
 */
export function verifyPath(
  root: ObjectId,
  path: string,
  value: ObjectId | undefined,
  proof: PathProof,
): void {
  if (proof.length > MAX_PROOF_NODES)
    throw proofError(path, `${proof.length} nodes, at most ${MAX_PROOF_NODES} count`)
  const { found, used } = followProof(path, pathSteps(root, parseMapPath(path)), proof)
  if (used !== proof.length) throw proofError(path, `${proof.length} nodes, ${used} of which are on the path`)
  if (found === value || (found !== undefined && value !== undefined && equalBytes(found, value))) return
  throw proofError(path, `it shows ${nameOf(found)}, not ${nameOf(value)}`)
}

function followProof(path: string, steps: NodeSteps<ObjectId | undefined>, proof: PathProof) {
  let used = 0
  try {
    let step = steps.next()
    while (!step.done) {
      const bytes = proof[used]
      if (bytes === undefined) throw proofError(path, `${used} nodes, more are on the path`)
      used++
      step = steps.next(decodeMapNodeOf(step.value, bytes))
    }
    return { found: step.value, used }
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'OBJECT_INVALID') throw cause
    throw proofError(path, `node ${used} is not the one that the path leads to (${cause.message})`, cause)
  }
}

function nameOf(value: ObjectId | undefined): string {
  return value === undefined ? 'that there is nothing' : formatObjectId(value)
}

function proofError(path: string, problem: string, cause?: unknown): AppError<PathProofErrorCode> {
  return new AppError<PathProofErrorCode>(
    'PATH_PROOF_INVALID',
    `The proof of ${path.slice(0, 200)} does not hold: ${problem}. The value was not used.`,
    { details: { path: path.slice(0, 200), problem }, ...(cause === undefined ? {} : { cause }) },
  )
}
