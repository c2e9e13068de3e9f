import { equalBytes, toHex } from '#core/bytes.ts'
import { formatCid } from '#core/cid.ts'
import { formatAddress } from '#core/delegation.ts'
import { isAppError } from '#core/errors.ts'
import { mediaTypeOf } from '#core/media-type.ts'
import { formatCyfsLink, parseCyfsLink } from '#objects/cyfs-link.ts'
import { type DirFiles, type DirNode, readDir } from '#objects/dir-files.ts'
import { decodeObject, type NamedObject, objectIdOf } from '#objects/object.ts'
import { formatObjectId, type ObjectId } from '#objects/object-id.ts'
import { objectToJson } from '#objects/object-json.ts'
import type { ObjectStore, StoredObject } from '#objects/object-store.ts'
import { toUnixMs } from '#objects/object-time.ts'
import { readContent } from '#objects/object-type.ts'
import { objectTypeName } from '#objects/object-types.ts'
import { layoutOfSealed } from '#objects/sealed-segments.ts'
import { dirType } from '#objects/types/dir.ts'
import { fileType } from '#objects/types/file.ts'
import type { ObjectTrust as VerifiedTrust } from '#objects/verify-object.ts'
import type { Content } from '#peer/content.ts'
import type { ObjectExchange } from '#peer/object-exchange.ts'
import { createFileBytes, fileOf } from './file-bytes.ts'
import { createObjectFinder, type FoundByLink, noPath } from './object-finder.ts'
import { createObjectMaps } from './object-maps.ts'
import { createObjectReader } from './object-reader.ts'
import type { ObjectsApi, ObjectTrust, OpenedEntry, OpenedObject } from './object-types.ts'
import type { OpenedSeal, OpenSeal } from './restricted-files.ts'
import { createRestrictedReader, type Unsealed } from './restricted-reader.ts'
import type { Failure } from './types.ts'

export interface ObjectCommandsComponents {
  readonly store: Pick<ObjectStore, 'get' | 'put' | 'trust'>
  readonly exchange: Pick<ObjectExchange, 'get' | 'announce'>
  readonly content: Pick<Content, 'read'>
  readonly openSeal: OpenSeal
}

/** All but publishing. */
export type ObjectCommands = Omit<ObjectsApi, 'publish' | 'unpublish' | 'giveKeyToRelay' | 'takeKeyFromRelay'>

/** The commands over named objects. */
export function createObjectCommands(components: ObjectCommandsComponents): ObjectCommands {
  const { store, exchange, content, openSeal } = components
  const find = createObjectFinder({ store, exchange })
  const readFileBytes = createFileBytes({ store, content })
  const unseal = createRestrictedReader(readFileBytes)
  return {
    async open(link, options) {
      const target = await find(link, options)
      if (target.kind === 'chunk') return describeChunk(target, link)
      const { found } = target
      const described = describe(found, await store.trust(found.object))
      const seal = await openSeal(found, options).catch(refusalOf)
      if (seal === undefined) return described
      if ('code' in seal) {
        const { plainBytes } = layoutOfSealed(fileOf(found).length)
        return { ...described, bytes: plainBytes, restricted: { readable: false, failure: seal } }
      }
      return describeUnsealed(described, seal, await unseal(target, seal, { ...options, link }))
    },
    read: createObjectReader({ find, readFileBytes, openSeal, unseal }),
    async get(link, options) {
      const target = await find(link, options)
      if (target.kind === 'chunk') return target.bytes
      const { inside, found } = target
      if (inside !== undefined) throw noPath(link, inside, 'what stands there is no object of its own')
      return found.bytes
    },
    async put(object, { signal } = {}) {
      signal?.throwIfAborted()
      const { id } = await store.put(object, { own: true })
      void exchange.announce([id]).catch(() => {}) // peers that come later are told then
      return formatObjectId(id)
    },
    map: createObjectMaps({ store, exchange }),
    parse: parseCyfsLink,
    format: formatCyfsLink,
  }
}

function describe({ id, object }: StoredObject, trust: VerifiedTrust): OpenedObject {
  const { desc, body } = object
  return {
    id: formatObjectId(id),
    type: objectTypeName(desc.type),
    trust: describeTrust(trust),
    ...(desc.owner === undefined ? {} : { owner: formatObjectId(desc.owner) }),
    ...(body === undefined ? {} : { updatedAt: toUnixMs(body.updated) }),
    ...(desc.type === fileType.type ? describeFile(object) : {}),
    ...(desc.type === dirType.type ? describeDir(object) : {}),
    json: objectToJson(object),
  }
}

function describeFile({ desc, body }: NamedObject): Pick<OpenedObject, 'bytes' | 'name' | 'mime' | 'root'> {
  const bytes = Number(readContent(fileType, 'desc', desc.content).length)
  if (body === undefined) return { bytes }
  const { name, mime, root } = readContent(fileType, 'body', body.content)
  return {
    bytes,
    ...(name === undefined ? {} : { name }),
    ...(mime === undefined ? {} : { mime }),
    ...(root === undefined ? {} : { root: formatCid(root) }),
  }
}

/** Why a content stays closed, for whoever looks at it. */
function refusalOf(error: unknown): Failure {
  if (!isAppError(error)) throw error
  return { code: error.code, message: error.message }
}

/** What only readers see of it: a file, or the folder that it holds. */
function describeUnsealed(sealed: OpenedObject, { facts }: OpenedSeal, unsealed: Unsealed): OpenedObject {
  const { bytes: _, ...described } = sealed
  const common = {
    ...described,
    name: unsealed.name,
    restricted: { readable: true },
    readers: facts.readers.map(formatAddress),
  } as const
  if (unsealed.kind === 'file') {
    const { bytes, mime } = unsealed
    return { ...common, bytes, ...(mime === undefined ? {} : { mime }) }
  }
  const entries = [...unsealed.files.values()].map(({ offset: _, ...entry }) => entry)
  return { ...common, type: objectTypeName(dirType.type), entries }
}

function describeDir(object: NamedObject): Pick<OpenedObject, 'name' | 'root' | 'entries'> {
  const files = readDir(object)
  const body = object.body && readContent(dirType, 'body', object.body.content)
  return {
    ...(body?.name === undefined ? {} : { name: body.name }),
    ...(body?.root === undefined ? {} : { root: formatCid(body.root) }),
    ...(files.nodes === undefined
      ? {}
      : { entries: [...files.nodes].map(([path, node]) => describeEntry(path, node, files)) }),
  }
}

function describeEntry(path: string, node: DirNode, files: DirFiles): OpenedEntry {
  const mime = mediaTypeOf(path)
  const bytes = node.kind === 'chunk' ? node.length : carriedLength(node.id, files)
  return {
    path,
    ...(node.id === undefined ? {} : { id: formatObjectId(node.id) }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(mime === undefined ? {} : { mime }),
  }
}

/** What a File's desc says is true when it has the id that the folder names. */
function carriedLength(id: ObjectId, { carried }: DirFiles): number | undefined {
  const encoded = carried(id)
  if (encoded === undefined) return undefined
  try {
    const object = decodeObject(encoded)
    if (object.desc.type !== fileType.type || !equalBytes(objectIdOf(object), id)) return undefined
    return Number(readContent(fileType, 'desc', object.desc.content).length)
  } catch (error) {
    if (!isAppError(error)) throw error
    return undefined // the folder is as good without it
  }
}

function describeChunk({ id, bytes }: Extract<FoundByLink, { kind: 'chunk' }>, link: string): OpenedObject {
  const name = parseCyfsLink(link.trim()).inner.split('/').at(-1) as string
  const mime = mediaTypeOf(name)
  return {
    id: formatObjectId(id),
    type: 'Chunk',
    trust: { level: 'id' },
    name,
    bytes: bytes.length,
    ...(mime === undefined ? {} : { mime }),
    json: { id: formatObjectId(id), type: 'Chunk', length: bytes.length },
  }
}

function describeTrust(trust: VerifiedTrust): ObjectTrust {
  if (trust.level !== 'owner') return trust
  const { level, people, device } = trust
  return {
    level,
    ...(people === undefined ? {} : { people: formatAddress(people) }),
    ...(device === undefined ? {} : { device: toHex(device) }),
  }
}
