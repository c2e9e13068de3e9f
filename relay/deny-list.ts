import { readFile, stat } from 'node:fs/promises'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import { toHex } from '#core/bytes.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { providerCid } from '#objects/object-cid.ts'
import { parseObjectId } from '#objects/object-id.ts'
import { BlockNotFoundError } from '#seed/blockstore/errors.ts'
import { relayError } from './errors.ts'
import { MAX_DENY_FILE_BYTES } from './limits.ts'

/** A peer or a content, whatever codec and version its id is written in; of a named object its `providerCid`. */
export type Deniable = PeerId | CID

export interface DenyList {
  /** entries of the file that are in force */
  readonly size: number
  /** peers and contents turned away since start */
  readonly denied: Readonly<Record<'peer' | 'content', number>>
  /** Is this peer not let in, or this content neither served nor fetched nor kept? Counts what is turned away. */
  isDenied(id: Deniable): boolean
  /** Looks at the file again from now on and calls `onChange` after each new list. */
  watch(onChange: () => void): void
  stop(): void
}

export interface DenyListInit {
  /** empty = nobody is denied */
  readonly path: string
  readonly log: (line: string) => void
  readonly intervalMs: number
}

/**
 * Who and what a relay has nothing to do with: a file with one peer id, CID or object id on each line, and
 * `#` comments.
 *
 * @throws DENY_LIST when the file cannot be read or a line is none of them
 */
export async function openDenyList({ path, log, intervalMs }: DenyListInit): Promise<DenyList> {
  const denied = { peer: 0, content: 0 }
  let entries = path === '' ? new Set<string>() : await load(path)
  let seen = await fingerprint(path)
  let timer: ReturnType<typeof setInterval> | undefined
  let told = ''

  async function look(onChange: () => void): Promise<void> {
    const print = await fingerprint(path)
    if (print === seen) return
    try {
      entries = await load(path)
      seen = print
      told = ''
      log(`The deny list has ${entries.size} entries now.`)
      onChange()
    } catch (error) {
      // looked at again next time: what kept it from being read may pass
      const { message } = error as Error
      if (message !== told) log(`Warning: ${message} The list from before stays in force.`)
      told = message
    }
  }

  return {
    get size() {
      return entries.size
    },
    denied,
    isDenied(id) {
      const isPeer = 'toMultihash' in id
      const isListed = entries.has(toHex((isPeer ? id.toMultihash() : id.multihash).bytes))
      if (isListed) denied[isPeer ? 'peer' : 'content']++
      return isListed
    },
    watch(onChange) {
      if (path !== '') timer ??= setInterval(() => void look(onChange), intervalMs).unref()
    },
    stop() {
      clearInterval(timer)
    },
  }
}

/** Multihashes in hex: those of peer ids, of CIDs and of object ids cannot be taken for each other. */
export function parseDenyList(text: string, path: string): Set<string> {
  const entries = new Set<string>()
  text.split('\n').forEach((line, index) => {
    const [id = ''] = line.split('#', 1)
    if (id.trim() === '') return
    const multihash = multihashOf(id.trim())
    if (multihash === undefined) {
      throw denyError(
        `${path}, line ${index + 1}: expected a peer id (12D3KooW…), a CID (bafy…, Qm…) or the id of a named object, got "${id.trim().slice(0, 80)}".`,
      )
    }
    entries.add(toHex(multihash))
  })
  return entries
}

function multihashOf(id: string): Uint8Array | undefined {
  try {
    return peerIdFromString(id).toMultihash().bytes
  } catch {
    // no peer id: perhaps a content
  }
  try {
    return CID.parse(id).multihash.bytes
  } catch {
    // no CID: perhaps a named object
  }
  try {
    return providerCid(parseObjectId(id)).multihash.bytes
  } catch {
    return undefined
  }
}

async function load(path: string): Promise<Set<string>> {
  let text: string
  try {
    const { size } = await stat(path)
    if (size > MAX_DENY_FILE_BYTES)
      throw denyError(`${path} has more than ${MAX_DENY_FILE_BYTES} bytes: shorten it.`)
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'DENY_LIST') throw cause
    throw denyError(`Cannot read ${path}: ${code === 'ENOENT' ? 'there is no such file' : message}.`, cause)
  }
  return parseDenyList(text, path)
}

async function fingerprint(path: string): Promise<string> {
  if (path === '') return ''
  return stat(path).then(
    ({ ino, size, mtimeMs }) => `${ino}/${size}/${mtimeMs}`,
    () => 'absent',
  )
}

function denyError(sentence: string, cause?: unknown) {
  return relayError('DENY_LIST', sentence, cause === undefined ? {} : { cause })
}

type IsDenied = Pick<DenyList, 'isDenied'>

/** A store without what is denied: such blocks are neither there nor kept. */
export function withoutDenied(blockstore: Blockstore, { isDenied }: IsDenied): Blockstore {
  return {
    has: async (cid, options) => !isDenied(cid) && blockstore.has(cid, options),
    async *get(cid, options) {
      if (isDenied(cid)) throw new BlockNotFoundError(cid.toString())
      yield* blockstore.get(cid, options)
    },
    async *getMany(cids, options) {
      for await (const cid of cids) if (!isDenied(cid)) yield { cid, bytes: blockstore.get(cid, options) }
    },
    getAll: (options) => blockstore.getAll(options),
    put: async (cid, bytes, options) => (isDenied(cid) ? cid : blockstore.put(cid, bytes, options)),
    async *putMany(pairs, options) {
      for await (const { cid, bytes } of pairs) {
        if (!isDenied(cid)) await blockstore.put(cid, bytes, options)
        yield cid
      }
    },
    delete: (cid, options) => blockstore.delete(cid, options),
    deleteMany: (cids, options) => blockstore.deleteMany(cids, options),
  }
}

/** A graph whose texts leave out what is denied: such texts are neither told nor asked for nor kept. */
export function withoutDeniedTexts(graph: GraphService, { isDenied }: IsDenied): GraphService {
  const isAllowed = (cid: string) => !isDenied(CID.parse(cid))
  return new Proxy(graph, {
    get(target, name) {
      if (name === 'texts') return (cids: readonly string[]) => target.texts(cids.filter(isAllowed))
      if (name === 'missingTexts')
        return async (limit: number) => (await target.missingTexts(limit)).filter(isAllowed)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
