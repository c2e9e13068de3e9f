import type { Bytes } from '#core/bytes.ts'
import { formatCid } from '#core/cid.ts'
import { isAppError } from '#core/errors.ts'
import { isLinkName, parseCyfsLink } from '#objects/cyfs-link.ts'
import { findInDir, readDir } from '#objects/dir-files.ts'
import { chunkId, type ObjectId, parseObjectId } from '#objects/object-id.ts'
import type { ObjectStore, StoredObject } from '#objects/object-store.ts'
import { readContent } from '#objects/object-type.ts'
import { dirType } from '#objects/types/dir.ts'
import type { ObjectExchange } from '#peer/object-exchange.ts'
import { apiError } from './errors.ts'
import { cipherOf } from './restricted-files.ts'
import { describeTyped } from './typed-input.ts'
import type { CallOptions } from './types.ts'

export interface ObjectFinderComponents {
  readonly store: Pick<ObjectStore, 'get' | 'put'>
  readonly exchange: Pick<ObjectExchange, 'get'>
}

/** What a link leads to. */
export type FoundByLink =
  | {
      readonly kind: 'object'
      readonly found: StoredObject
      /** CIDv0 of the folder that it was found in, where that tells */
      readonly within?: string
      /** path in what is restricted: whoever may read that knows whether something stands there */
      readonly inside?: string
    }
  /** a small file that stands in the folder itself */
  | { readonly kind: 'chunk'; readonly id: ObjectId; readonly bytes: Bytes }

/** Follows a link or an id's text, through folders, to what it names. */
export type FindByLink = (link: string, options?: CallOptions) => Promise<FoundByLink>

/** Folders in one another, as many as MAX_LINK_CHARS could name and no honest link does. */
const MAX_NESTED_DIRS = 16

/** [OB16] O links from the own store, or from peers ([OB17]). */
export function createObjectFinder({ store, exchange }: ObjectFinderComponents): FindByLink {
  /** What came along with a folder is as good as a peer's answer: it is checked, and stored. */
  async function takeCarried(id: ObjectId, bytes: Bytes | undefined): Promise<StoredObject | undefined> {
    if (bytes === undefined) return undefined
    try {
      return await store.put(bytes, { requested: id })
    } catch (error) {
      if (!isAppError(error)) throw error
      return undefined // others may have a better one
    }
  }

  return async (link, options) => {
    const { id, inner } = partsOf(link)
    let found = await exchange.get(id, options)
    let rest = inner
    let within: string | undefined
    for (let depth = 0; rest !== '' && cipherOf(found) === undefined; depth++) {
      if (found.object.desc.type !== dirType.type || depth === MAX_NESTED_DIRS)
        throw noPath(link, rest, 'what stands there is no folder')
      const { nodes, carried } = readDir(found.object)
      if (nodes === undefined) throw noPath(link, rest, 'the list of the folder is not here')
      const entry = findInDir(nodes, rest)
      if (entry === undefined) throw noPath(link, rest, 'the folder has no such file')
      const { node } = entry
      rest = entry.rest
      if (node.kind === 'chunk') {
        if (rest !== '') throw noPath(link, rest, 'what stands there is no folder')
        if (node.bytes === undefined) throw noPath(link, inner, 'its bytes did not come with the folder')
        return { kind: 'chunk', id: node.id ?? chunkId(node.bytes), bytes: node.bytes }
      }
      within = dirRoot(found) ?? within
      found =
        (await store.get(node.id)) ??
        (await takeCarried(node.id, carried(node.id))) ??
        (await exchange.get(node.id, options))
    }
    return {
      kind: 'object',
      found,
      ...(within === undefined ? {} : { within }),
      ...(rest === '' ? {} : { inside: rest }),
    }
  }
}

/** CIDv0 of the folder's UnixFS directory, where its body says it. */
function dirRoot({ object }: StoredObject): string | undefined {
  const { body } = object
  const root = body && readContent(dirType, 'body', body.content).root
  return root && formatCid(root)
}

/**
 * The id that a link or an id's text names, without a path behind it.
 *
 * @throws CYFS_LINK_INVALID, OBJECT_INVALID, OBJECT_LINK_NONE, OBJECT_LINK_OTHER
 */
export function idOf(text: string): ObjectId {
  const { id, inner } = partsOf(text)
  if (inner === '') return id
  throw apiError(
    'OBJECT_LINK_OTHER',
    `${text.slice(0, 80)} names a file in a folder by its path. Give the link without the path, or the file's id.`,
  )
}

function parseBareId(text: string): ObjectId {
  try {
    return parseObjectId(text)
  } catch (cause) {
    if (!isAppError(cause, 'OBJECT_INVALID')) throw cause
    throw apiError(
      'OBJECT_LINK_NONE',
      `"${text.slice(0, 80)}" is no cyfs link and no id of an object. ${cause.message}`,
    )
  }
}

interface LinkParts {
  readonly id: ObjectId
  readonly inner: string
}

/** What a link or an id's text names. @throws CYFS_LINK_INVALID, OBJECT_INVALID, OBJECT_LINK_NONE, OBJECT_LINK_OTHER */
function partsOf(text: string): LinkParts {
  if (typeof text !== 'string') {
    throw apiError(
      'OBJECT_LINK_NONE',
      `An object is named by a cyfs link or its id, as a text; got ${describeTyped(text)}.`,
    )
  }
  const trimmed = text.trim()
  if (!/^cyfs:/i.test(trimmed)) return { id: parseBareId(trimmed), inner: '' }
  const link = parseCyfsLink(trimmed)
  if (link.type === 'o' && !isLinkName(link.id)) return { id: parseObjectId(link.id), inner: link.inner }
  throw apiError(
    'OBJECT_LINK_OTHER',
    `${trimmed.slice(0, 80)} does not name an object by its id: only links of the form cyfs://o/OWNER/ID can be opened so.`,
  )
}

/** @param rest of the link's path, from where it leads nowhere */
export function noPath(link: string, rest: string, why: string): Error {
  return apiError(
    'OBJECT_PATH_NOT_FOUND',
    `${link.slice(0, 120)} leads nowhere: at "${rest.slice(0, 80)}" ${why}. See the entries of the folder.`,
  )
}
