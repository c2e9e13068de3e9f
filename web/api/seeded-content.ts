import { type Content, parseContentCid } from '#peer/content.ts'
import { rootCid } from '#seed/root-cid.ts'
import type { Seeder } from './seeder-types.ts'

/** Content whose reading is told: what is read is in use, and cached afterwards. */
export function seededContent(content: Content, seeder: Pick<Seeder, 'use'>): Content {
  const begin = (cid: string) => seeder.use(rootCid(parseContentCid(cid)))
  return {
    ...content,
    async *read(cid, options) {
      const end = begin(cid)
      try {
        yield* content.read(cid, options)
      } finally {
        end()
      }
    },
    async cat(cid, options) {
      const end = begin(cid)
      try {
        return await content.cat(cid, options)
      } finally {
        end()
      }
    },
  }
}
