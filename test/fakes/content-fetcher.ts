import type { DagFetcher } from '#core/seeding.ts'
import type { Content } from '#peer/content.ts'

/** Fetches a file by reading it to its end; what is here is read from the store. */
export function createContentFetcher(content: Pick<Content, 'read'>): DagFetcher {
  return {
    async fetchAll(root, { signal, onProgress } = {}) {
      let total = 0
      let bytes = 0
      const parts = content.read(root, {
        ...(signal === undefined ? {} : { signal }),
        onSize: (size) => {
          total = size
        },
      })
      for await (const part of parts) {
        bytes += part.length
        onProgress?.({ bytes, total, sources: 1 })
      }
    },
  }
}
