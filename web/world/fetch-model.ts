import type { CatOptions } from '#api/types.ts'
import type { WorldInit } from '#api/world.ts'
import { type Bytes, concat } from '#core/bytes.ts'
import { MAX_MODEL_BYTES } from '#core/limits.ts'
import { glbError } from '#objects/glb-json.ts'

export type FetchModelOptions = Pick<CatOptions, 'signal' | 'onProgress'>

const SEALED = 'object/'

/** What a model that not everybody may see goes by: the object that it is, whose bytes open for whoever may. */
export function sealedKey(object: string): string {
  return SEALED + object
}

/**
 * The bytes of a model by its CID, or of a restricted one by `sealedKey`.
 *
 * @throws what `cat` and `objects.read` throw, GLB_LIMIT
 */
export function fetchModel(
  { cat, objects }: Pick<WorldInit['tabland'], 'cat' | 'objects'>,
  key: string,
  options: FetchModelOptions,
): Promise<Bytes> {
  return key.startsWith(SEALED)
    ? readSealed(objects, key.slice(SEALED.length), options)
    : cat(key, { ...options, maxBytes: MAX_MODEL_BYTES })
}

async function readSealed(
  objects: WorldInit['tabland']['objects'],
  id: string,
  { signal, onProgress }: FetchModelOptions,
): Promise<Bytes> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of objects.read(id, signal === undefined ? {} : { signal })) {
    parts.push(part)
    bytes += part.length
    if (bytes > MAX_MODEL_BYTES) {
      throw glbError(
        'GLB_LIMIT',
        `A model has ${MAX_MODEL_BYTES.toLocaleString('en')} bytes at most, this restricted one has more.`,
      )
    }
    onProgress?.({ bytes })
  }
  return concat(...parts)
}
