import { indexOf, type JsonObject, listOf, numbersOf, objectOf, ownValue } from './glb-json.ts'
import { imageOfTexture } from './glb-materials.ts'

/** What of a material a small picture shows. Colours are linear, 0..1. */
export interface Surface {
  readonly color: readonly number[]
  /** light of its own; none where an image says where it glows */
  readonly emissive: readonly number[]
  /** the base colour's image in the document, and the texture coordinates that it is laid out by */
  readonly image: number | undefined
  readonly texCoord: 'TEXCOORD_0' | 'TEXCOORD_1'
  /** drawn in its own colour, whatever the light */
  readonly unlit: boolean
  /** glTF 2.0 §3.9.4 */
  readonly alphaMode: 'OPAQUE' | 'MASK' | 'BLEND'
  readonly alphaCutoff: number
}

/** The surface of a material of a checked document; glTF's plain white one without an index. @throws GLB_NUMBER, GLB_STRUCTURE */
export function readSurface(json: JsonObject, index: number | undefined): Surface {
  const path = `materials[${index}]`
  const material = index === undefined ? {} : objectOf(listOf(json, 'materials', 'materials')[index], path)
  const pbr = childOf(material, 'pbrMetallicRoughness', path)
  const texture = childOf(pbr, 'baseColorTexture', path)
  const textureIndex = indexOf(texture, 'index', path, listOf(json, 'textures', 'textures').length)
  const alphaMode = ownValue(material, 'alphaMode')
  const cutoff = ownValue(material, 'alphaCutoff')
  const glowsByImage = ownValue(material, 'emissiveTexture') !== undefined
  const emissive = numbersOf(material, 'emissiveFactor', path, 3)
  return {
    color: numbersOf(pbr, 'baseColorFactor', path, 4) ?? [1, 1, 1, 1],
    emissive: glowsByImage || emissive === undefined ? [0, 0, 0] : emissive,
    image: textureIndex === undefined ? undefined : imageOfTexture(json, textureIndex),
    texCoord: ownValue(texture, 'texCoord') === 1 ? 'TEXCOORD_1' : 'TEXCOORD_0',
    unlit: ownValue(childOf(material, 'extensions', path), 'KHR_materials_unlit') !== undefined,
    alphaMode: alphaMode === 'MASK' || alphaMode === 'BLEND' ? alphaMode : 'OPAQUE',
    alphaCutoff: typeof cutoff === 'number' ? cutoff : 0.5,
  }
}

function childOf(parent: JsonObject, key: string, path: string): JsonObject {
  const value = ownValue(parent, key)
  return value === undefined ? {} : objectOf(value, `${path}.${key}`)
}
