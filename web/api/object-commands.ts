import { toHex } from '#core/bytes.ts'
import { formatCid } from '#core/cid.ts'
import { formatAddress } from '#core/delegation.ts'
import { formatCyfsLink, isLinkName, parseCyfsLink } from '#objects/cyfs-link.ts'
import type { NamedObject } from '#objects/object.ts'
import { formatObjectId, type ObjectId, parseObjectId } from '#objects/object-id.ts'
import { objectToJson } from '#objects/object-json.ts'
import type { ObjectStore, StoredObject } from '#objects/object-store.ts'
import { toUnixMs } from '#objects/object-time.ts'
import { readContent } from '#objects/object-type.ts'
import { objectTypeName } from '#objects/object-types.ts'
import { fileType } from '#objects/types/file.ts'
import type { ObjectTrust as VerifiedTrust } from '#objects/verify-object.ts'
import type { ObjectExchange } from '#peer/object-exchange.ts'
import { apiError } from './errors.ts'
import type { ObjectsApi, ObjectTrust, OpenedObject } from './object-types.ts'

export interface ObjectCommandsComponents {
  readonly store: Pick<ObjectStore, 'put' | 'trust'>
  readonly exchange: Pick<ObjectExchange, 'get' | 'announce'>
}

/** All but publishing. */
export type ObjectCommands = Omit<ObjectsApi, 'publish' | 'unpublish'>

/** The commands over named objects. */
export function createObjectCommands({ store, exchange }: ObjectCommandsComponents): ObjectCommands {
  return {
    async open(link, options) {
      const found = await exchange.get(idOf(link), options)
      return describe(found, await store.trust(found.object))
    },
    get: async (link, options) => (await exchange.get(idOf(link), options)).bytes,
    async put(object, { signal } = {}) {
      signal?.throwIfAborted()
      const { id } = await store.put(object, { own: true })
      void exchange.announce([id]).catch(() => {}) // peers that come later are told then
      return formatObjectId(id)
    },
    parse: parseCyfsLink,
    format: formatCyfsLink,
  }
}

/** The id that a link or an id's text names. @throws CYFS_LINK_INVALID, OBJECT_INVALID, OBJECT_LINK_OTHER */
export function idOf(text: string): ObjectId {
  if (!/^cyfs:/i.test(text)) return parseObjectId(text.trim())
  const link = parseCyfsLink(text)
  if (link.type === 'o' && !isLinkName(link.id) && link.inner === '') return parseObjectId(link.id)
  throw apiError(
    'OBJECT_LINK_OTHER',
    `${text.slice(0, 80)} does not name one object by its id: only links of the form cyfs://o/OWNER/ID can be opened so.`,
  )
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

function describeTrust(trust: VerifiedTrust): ObjectTrust {
  if (trust.level !== 'owner') return trust
  const { level, people, device } = trust
  return {
    level,
    ...(people === undefined ? {} : { people: formatAddress(people) }),
    ...(device === undefined ? {} : { device: toHex(device) }),
  }
}
