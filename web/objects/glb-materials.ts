import { checkIndex, glbError, type JsonObject, listOf, objectOf, ownValue } from './glb-json.ts'

/** Extensions that are drawn; a model may need these. Others are ignored when optional, refused when required. */
export const SUPPORTED_EXTENSIONS: ReadonlySet<string> = new Set([
  'EXT_texture_webp',
  'KHR_materials_clearcoat',
  'KHR_materials_emissive_strength',
  'KHR_materials_ior',
  'KHR_materials_pbrSpecularGlossiness',
  'KHR_materials_sheen',
  'KHR_materials_specular',
  'KHR_materials_unlit',
  'KHR_mesh_quantization',
  'KHR_texture_transform',
])

/** Materials nest a few levels (extension, texture, its transform); more is damage or an attack on the stack. */
const MAX_DEPTH = 8

/** Every texture that a material names exists, every image that a texture names exists. @throws GLB_BOUNDS */
export function checkTextureReferences(json: JsonObject): void {
  const imageCount = listOf(json, 'images', 'images').length
  const samplerCount = listOf(json, 'samplers', 'samplers').length
  const textures = listOf(json, 'textures', 'textures')
  for (const [i, value] of textures.entries()) {
    const path = `textures[${i}]`
    const texture = objectOf(value, path)
    checkIndex(textureSource(texture), `${path}.source`, imageCount)
    const sampler = ownValue(texture, 'sampler')
    if (sampler !== undefined) checkIndex(sampler, `${path}.sampler`, samplerCount)
  }
  for (const [i, value] of listOf(json, 'materials', 'materials').entries()) {
    checkTextureInfos(objectOf(value, `materials[${i}]`), `materials[${i}]`, {
      textureCount: textures.length,
      depth: 0,
    })
  }
}

/** The image that a texture of a checked document shows; undefined when it names none. */
export function imageOfTexture(json: JsonObject, index: number): number | undefined {
  const texture = listOf(json, 'textures', 'textures')[index]
  const source = texture === undefined ? undefined : textureSource(objectOf(texture, `textures[${index}]`))
  return typeof source === 'number' ? source : undefined
}

function textureSource(texture: JsonObject): unknown {
  const extensions = ownValue(texture, 'extensions')
  if (extensions === undefined) return ownValue(texture, 'source')
  const webp = ownValue(objectOf(extensions, 'textures'), 'EXT_texture_webp')
  return webp === undefined ? ownValue(texture, 'source') : ownValue(objectOf(webp, 'textures'), 'source')
}

interface Nesting {
  readonly textureCount: number
  readonly depth: number
}

function checkTextureInfos(object: JsonObject, path: string, { textureCount, depth }: Nesting): void {
  if (depth > MAX_DEPTH) {
    throw glbError(
      'GLB_STRUCTURE',
      `The model's ${path.slice(0, 60)} is nested too deep. Export the model again.`,
    )
  }
  for (const [key, value] of Object.entries(object)) {
    if (key === 'extras' || typeof value !== 'object' || value === null || Array.isArray(value)) continue
    const at = `${path}.${key.slice(0, 40)}`
    const child = value as JsonObject
    if (key.endsWith('Texture')) checkIndex(ownValue(child, 'index'), `${at}.index`, textureCount)
    checkTextureInfos(child, at, { textureCount, depth: depth + 1 })
  }
}
