import type { Signal } from '@preact/signals'
import type { FilesState, ObjectsApi, PublishedItem } from '#api/object-types.ts'
import type { Added, AddOptions, CallOptions } from '#api/types.ts'
import { AppError } from '#core/errors.ts'
import { formatCyfsLink, parseCyfsLink } from '#objects/cyfs-link.ts'
import { decodeObject, objectIdOf } from '#objects/object.ts'
import { formatObjectId } from '#objects/object-id.ts'
import { FAKE_NOW } from './fake-facts.ts'

/** Counts a call, waits while it is held, then fails or answers. */
export type RunCommand = <T>(
  command: string,
  args: readonly unknown[],
  options: CallOptions,
  answer: () => T | Promise<T>,
) => Promise<T>

export interface FakeObjectsInit {
  readonly run: RunCommand
  readonly files: Signal<FilesState>
  store(content: Blob | Uint8Array | string, options: AddOptions): Promise<Added>
}

/** Publishes into the list of files, and has no object of anybody's. */
export function createFakeObjects({ run, files, store }: FakeObjectsInit): ObjectsApi {
  return {
    publish: (items, options = {}) =>
      run('publish', [items], options, async () => {
        const parts = items instanceof Blob ? [items] : items.map(({ content }) => content)
        const bytes = parts.reduce((sum, part) => sum + (part instanceof Blob ? part.size : part.length), 0)
        const name = options.name ?? 'file'
        const { cid } = await store(name, {})
        const item: PublishedItem = {
          id: cid.slice(2),
          link: `cyfs://o/${cid.slice(2)}/${cid.slice(2)}`,
          kind: parts.length > 1 ? 'dir' : 'file',
          name,
          bytes,
          files: parts.length,
          root: cid,
          publishedAt: FAKE_NOW,
        }
        files.value = { ...files.value, published: [item, ...files.value.published] }
        return item
      }),
    unpublish: (id) =>
      run('unpublish', [id], {}, () => {
        const published = files.value.published.filter((item) => item.id !== id)
        files.value = { ...files.value, published }
      }),
    giveKeyToRelay: (id, relay = 'relay') =>
      run('giveKeyToRelay', [id, relay], {}, () => {
        const handed = { id, relay, until: FAKE_NOW + 30 * 86_400_000, payers: true }
        files.value = { ...files.value, handed: [handed] }
        return handed
      }),
    takeKeyFromRelay: (id) =>
      run('takeKeyFromRelay', [id], {}, () => {
        files.value = { ...files.value, handed: [] }
      }),
    map: {
      build: (tree, options = {}) => run('map.build', [tree], options, () => Promise.reject(noObject('map'))),
      get: (root, path, options = {}) =>
        run('map.get', [root, path], options, () => Promise.reject(noObject(root))),
      prove: (root, path, options = {}) =>
        run('map.prove', [root, path], options, () => Promise.reject(noObject(root))),
      verify: (proof) => run('map.verify', [proof], {}, () => Promise.reject(noObject('map'))),
    },
    open: (link, options = {}) => run('open', [link], options, () => Promise.reject(noObject(link))),
    async *read(link, options = {}) {
      yield await run<never>('read', [link], options, () => Promise.reject(noObject(link)))
    },
    get: (link, options = {}) => run('get', [link], options, () => Promise.reject(noObject(link))),
    put: (object, options = {}) =>
      run('put', [object], options, () => formatObjectId(objectIdOf(decodeObject(object)))),
    parse: parseCyfsLink,
    format: formatCyfsLink,
  }
}

function noObject(link: string): AppError {
  return new AppError('OBJECT_NOT_FOUND', `Nobody has the object ${link} now.`)
}
