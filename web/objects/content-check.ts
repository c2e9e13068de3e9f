import type { ContentPlace } from './content/content.ts'
import { type Content, type Desc, FORMATS } from './desc.ts'
import { objectInvalid } from './object-errors.ts'
import { STANDARD_TYPES } from './object-id.ts'
import { assertKey, readContent } from './object-type.ts'
import { findObjectType } from './object-types.ts'

/**
 * Checks a content against the schema of its type. Types without one, later versions and formats that nobody knows yet
 * are kept byte for byte ([OB9]).
 *
 * @throws OBJECT_INVALID
 */
export function checkContent(
  desc: Pick<Desc, 'type' | 'content' | 'publicKey'>,
  part: 'desc' | 'body',
  place: ContentPlace,
): void {
  const { type, content } = desc
  if (type === STANDARD_TYPES.Chunk) {
    throw objectInvalid({
      path: 'object.type',
      offset: 0,
      got: 'a Chunk',
      expected: 'an object: a chunk is bytes',
    })
  }
  const known = findObjectType(type)
  if (known === undefined || !isReadable(content)) return
  if (part === 'desc') assertKey(known, desc)
  readContent(known, part, content, place)
}

/** Is this the version and one of the formats that the schemas are for? */
export function isReadable({ version, format }: Content): boolean {
  return version === 0 && format < FORMATS.length
}
