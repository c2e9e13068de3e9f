import {
  AnimClip,
  AnimEvaluator,
  type AnimTrack,
  type AppBase,
  Asset,
  type ContainerResource,
  DefaultAnimBinder,
  DITHER_BAYER8,
  type Entity,
  type MeshInstance,
  PIXELFORMAT_RGBA8,
  PIXELFORMAT_SRGBA8,
  type RenderComponent,
  type StandardMaterial,
  Texture,
} from 'playcanvas'
import { AppError } from '#core/errors.ts'
import { readContainer } from '#objects/glb-container.ts'
import { type JsonObject, listOf, objectOf, ownValue } from '#objects/glb-json.ts'
import type { PreparedModel } from './prepare-model.ts'

/** A model on the GPU, of which any number of copies can stand in the world. */
export interface ModelAsset {
  readonly model: Pick<PreparedModel, 'report' | 'textureBytes'>
  createCopy(): ModelCopy
  destroy(): void
}

/** One standing copy. */
export interface ModelCopy {
  readonly entity: Entity
  readonly isAnimated: boolean
  /** 0 = invisible, 1 = solid */
  setOpacity(opacity: number): void
  /** Plays the model's first animation on, in a loop; seconds. */
  animate(dt: number): void
}

/** Uploads a prepared model. The engine sees only cleaned bytes and decoded images; it fetches nothing itself. */
export async function createModelAsset(
  app: AppBase,
  name: string,
  model: PreparedModel,
): Promise<ModelAsset> {
  const textures = createTextures(app, model)
  const resource = await loadContainer(app, name, { model, textures })
  for (const material of resource.materials) prepareMaterial(material.resource as StandardMaterial)
  const track = resource.animations[0]?.resource as AnimTrack | undefined
  return {
    model: { report: model.report, textureBytes: model.textureBytes },
    createCopy: () => createCopy(resource, track),
    destroy() {
      ;(resource as ContainerResource & { destroy(): void }).destroy()
      for (const image of model.images ?? []) image.close()
    },
  }
}

interface ContainerInput {
  readonly model: PreparedModel
  readonly textures: readonly Asset[]
}

function loadContainer(
  app: AppBase,
  name: string,
  { model, textures }: ContainerInput,
): Promise<ContainerResource> {
  const file = { url: `${name}.glb`, filename: `${name}.glb`, contents: model.glb.buffer }
  const processAsync = (image: { name?: string }, done: (error: string | null, texture?: Asset) => void) => {
    const texture = textures[Number(image.name?.slice(1))]
    if (texture === undefined) done('an image is missing')
    else done(null, texture)
  }
  const asset = new Asset(name, 'container', file as never, {}, { image: { processAsync } } as never)
  app.assets.add(asset)
  return new Promise((resolve, reject) => {
    asset.once('load', () => {
      const resource = asset.resource as ContainerResource
      // The registry's entry is done with; the resource lives on in its owner.
      app.assets.remove(asset)
      resolve(resource)
    })
    asset.once('error', (cause: unknown) => {
      app.assets.remove(asset)
      reject(new AppError('MODEL_DRAW', 'This model could not be drawn. Export it again.', { cause }))
    })
    app.assets.load(asset)
  })
}

function createTextures(app: AppBase, model: PreparedModel): readonly Asset[] {
  const coloured = colourImages(readContainer(model.glb).json)
  return model.report.textures.map(({ width, height }, i) => {
    const image = model.images?.[i]
    const texture = new Texture(app.graphicsDevice, {
      name: `model-image-${i}`,
      width: image?.width ?? width,
      height: image?.height ?? height,
      format: coloured.has(i) ? PIXELFORMAT_SRGBA8 : PIXELFORMAT_RGBA8,
      mipmaps: true,
      anisotropy: 4,
    })
    if (image !== undefined) texture.setSource(image as never)
    const asset = new Asset(texture.name, 'texture')
    asset.resource = texture
    asset.loaded = true
    return asset
  })
}

const COLOUR_KEYS: ReadonlySet<string> = new Set([
  'baseColorTexture',
  'diffuseTexture',
  'emissiveTexture',
  'sheenColorTexture',
  'specularColorTexture',
  'specularGlossinessTexture',
])

/** Images that hold colours (sRGB), not numbers: those that a colour of a material names. */
function colourImages(json: JsonObject): ReadonlySet<number> {
  const textures = listOf(json, 'textures', 'textures').map((texture) => objectOf(texture, 'textures'))
  const images = new Set<number>()
  const visit = (object: JsonObject) => {
    for (const [key, value] of Object.entries(object)) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
      const child = value as JsonObject
      if (COLOUR_KEYS.has(key)) {
        const source = sourceOf(textures[ownValue(child, 'index') as number])
        if (source !== undefined) images.add(source)
      }
      visit(child)
    }
  }
  for (const material of listOf(json, 'materials', 'materials')) visit(objectOf(material, 'materials'))
  return images
}

function sourceOf(texture: JsonObject | undefined): number | undefined {
  if (texture === undefined) return undefined
  const extensions = ownValue(texture, 'extensions') as { EXT_texture_webp?: { source?: number } } | undefined
  return extensions?.EXT_texture_webp?.source ?? (ownValue(texture, 'source') as number | undefined)
}

/** Models dissolve in and out by a pattern of pixels: no sorting, and the shader stays the same throughout. */
function prepareMaterial(material: StandardMaterial): void {
  material.opacityDither = DITHER_BAYER8
  material.update()
}

function createCopy(resource: ContainerResource, track: AnimTrack | undefined): ModelCopy {
  const entity = resource.instantiateRenderEntity({ castShadows: true, receiveShadows: true })
  const instances = (entity.findComponents('render') as RenderComponent[]).flatMap(
    (render) => render.meshInstances,
  )
  const evaluator = track === undefined ? undefined : createEvaluator(entity, track)
  return {
    entity,
    isAnimated: evaluator !== undefined,
    setOpacity: (opacity) => setOpacity(instances, opacity),
    animate: (dt) => evaluator?.update(dt),
  }
}

function createEvaluator(entity: Entity, track: AnimTrack): AnimEvaluator {
  const evaluator = new AnimEvaluator(new DefaultAnimBinder(entity) as never)
  evaluator.addClip(new AnimClip(track, 0, 1, true, true))
  return evaluator
}

function setOpacity(instances: readonly MeshInstance[], opacity: number): void {
  for (const instance of instances) {
    if (opacity >= 1) instance.deleteParameter('material_opacity')
    else instance.setParameter('material_opacity', opacity)
  }
}
