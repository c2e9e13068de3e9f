import { type Bytes, compareBytes } from '#core/bytes.ts'
import { parseDigest } from '#core/cid.ts'
import type { Identity } from '#core/identity.ts'
import { mediaTypeOf } from '#core/media-type.ts'
import { impliedIdentity } from './implied-identity.ts'
import { encodeObject, type NamedObject, objectIdOf } from './object.ts'
import { chunkId, type ObjectId } from './object-id.ts'
import { toObjectTime } from './object-time.ts'
import { createContent, createDesc } from './object-type.ts'
import { deviceSigner, signObject } from './sign-object.ts'
import { dirType } from './types/dir.ts'
import { type FileCipher, fileType } from './types/file.ts'

/** Who publishes, and when. */
export interface Author {
  readonly identity: Identity
  /** the People behind the identity */
  readonly owner: ObjectId
  /** unix ms */
  readonly now: number
}

/** Recovers the owner from the delegation once for all that is signed. */
export function authorOf(identity: Identity, now: number): Author {
  return { identity, owner: impliedIdentity(identity.delegation).peopleId, now }
}

/** What a File says of its bytes. */
export interface FileFacts {
  readonly length: number
  /** SHA-256 of the whole */
  readonly hash: Bytes
  /** ids of its chunks, which are the leaves of its DAG, in order */
  readonly chunks: readonly ObjectId[]
  /** CIDv0 of its UnixFS root */
  readonly root: string
  /** absent for restricted content, whose name is sealed */
  readonly name?: string
  readonly cipher?: FileCipher
}

export interface FolderFacts {
  /** CIDv0 of its UnixFS directory */
  readonly root: string
  readonly name: string
  readonly files: readonly { readonly path: string; readonly object: NamedObject }[]
}

/** Content of a desc ([OB6]), less what the attributes and a list's kind take. */
const MAX_ENTRIES_BYTES = 65_535 - 8
/** u32 attributes, u8 kind of the list */
const ENTRIES_OFFSET = 5
/** Files that travel with their folder: a few hundred small ones; others are asked for by their ids. */
const MAX_CARRIED_BYTES = 512 * 1024

/** [OB12] A File, signed by the device: the same bytes of one owner have one id, whenever they are published. */
export function signFile(facts: FileFacts, author: Author): Promise<NamedObject> {
  const { length, hash, chunks, root, name, cipher } = facts
  const mime = name === undefined ? undefined : mediaTypeOf(name)
  const desc = createDesc(fileType, { length: BigInt(length), hash }, { owner: author.owner })
  const content = createContent(fileType, 'body', {
    chunkList: { kind: 'list', chunks },
    root: parseDigest(root),
    ...(name === undefined ? {} : { name }),
    ...(mime === undefined ? {} : { mime }),
    ...(cipher === undefined ? {} : { cipher }),
  })
  return sign({ desc, body: { updated: toObjectTime(author.now), content } }, author)
}

/**
 * [OB12] A Dir of Files, signed by the device. A list that is too long for the desc stands in a chunk, which travels
 * in the body, as do the Files themselves while they are few.
 */
export function signDir({ root, name, files }: FolderFacts, author: Author): Promise<NamedObject> {
  const paths = new Map(
    files.map(({ path, object }) => [
      path,
      { attributes: 0, node: { kind: 'object', value: objectIdOf(object) } } as const,
    ]),
  )
  const header = { owner: author.owner }
  let desc = createDesc(dirType, { attributes: 0, list: { kind: 'entries', value: { paths } } }, header)
  const list = desc.content.bytes.subarray(ENTRIES_OFFSET)
  const objects = new Map<string, Carried>()
  if (list.length > MAX_ENTRIES_BYTES) {
    const id = chunkId(list)
    carry(objects, { id, value: new Uint8Array(list) })
    desc = createDesc(dirType, { attributes: 0, list: { kind: 'chunk', value: id } }, header)
  }
  let carried = 0
  for (const { object } of files) {
    const value = encodeObject(object)
    carried += value.length
    if (carried > MAX_CARRIED_BYTES) break
    carry(objects, { id: objectIdOf(object), value })
  }
  const content = createContent(dirType, 'body', {
    kind: 'objects',
    objects: [...objects.values()].sort((a, b) => compareBytes(a.id, b.id)),
    root: parseDigest(root),
    name,
  })
  return sign({ desc, body: { updated: toObjectTime(author.now), content } }, author)
}

interface Carried {
  readonly id: ObjectId
  readonly value: Bytes
}

/** Two paths may name one file. */
function carry(objects: Map<string, Carried>, object: Carried): void {
  objects.set(object.id.join(), object)
}

function sign(object: Pick<NamedObject, 'desc' | 'body'>, { identity, now }: Author): Promise<NamedObject> {
  const unsigned = { ...object, descSigns: [], bodySigns: [] }
  return signObject(unsigned, deviceSigner(identity), { signedAt: toObjectTime(now) })
}
