import { type Signal, signal } from '@preact/signals'
import { formatCyfsLink, parseCyfsLink } from '#objects/cyfs-link.ts'
import type { FilesState, ObjectsApi } from './object-types.ts'

/** What is published, before it was read. */
export function createFilesState(): Signal<FilesState> {
  return signal<FilesState>({ published: [], publishing: [], handed: [] })
}

/** Commands over objects whose code is still on its way: each waits for it. */
export function lazyObjects(loading: Promise<ObjectsApi>): ObjectsApi {
  loading.catch(() => {}) // told by each command
  return {
    publish: async (...args) => (await loading).publish(...args),
    unpublish: async (...args) => (await loading).unpublish(...args),
    giveKeyToRelay: async (...args) => (await loading).giveKeyToRelay(...args),
    takeKeyFromRelay: async (...args) => (await loading).takeKeyFromRelay(...args),
    open: async (...args) => (await loading).open(...args),
    async *read(...args) {
      yield* (await loading).read(...args)
    },
    get: async (...args) => (await loading).get(...args),
    put: async (...args) => (await loading).put(...args),
    map: {
      build: async (...args) => (await loading).map.build(...args),
      get: async (...args) => (await loading).map.get(...args),
      prove: async (...args) => (await loading).map.prove(...args),
      verify: async (...args) => (await loading).map.verify(...args),
    },
    // the console is typed by hand
    parse: (link) => parseCyfsLink(String(link)),
    format: formatCyfsLink,
  }
}
