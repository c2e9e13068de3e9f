import {
  BoxGeometry,
  CULLFACE_NONE,
  Entity,
  EnvLighting,
  FOG_EXP2,
  type GraphicsDevice,
  Mesh,
  MeshInstance,
  PIXELFORMAT_RGBA8,
  type Scene,
  SEMANTIC_POSITION,
  SHADOW_PCF3_32F,
  ShaderMaterial,
  TEXTUREPROJECTION_EQUIRECT,
  Texture,
} from 'playcanvas'
import { RADIANS } from './frame.ts'
import { createGrainTexture } from './grain.ts'
import { linear, type Rgb } from './palette.ts'
import { SKY_FRAGMENT_GLSL, SKY_FRAGMENT_WGSL, SKY_VERTEX_GLSL, SKY_VERTEX_WGSL } from './sky-shader.ts'

const HORIZON: Rgb = [0xef, 0xf1, 0xec]
const MIDDLE: Rgb = [0xbd, 0xdc, 0xec]
const ZENITH: Rgb = [0x5f, 0xa0, 0xd3]
const HAZE: Rgb = [0xff, 0xdf, 0xb0]
/** What the sky sees below itself: the mean of meadow and sea, for light that comes back up. */
const GROUND: Rgb = [0x86, 0x9c, 0x78]

/** The sun stands in the south-west, at half past three on a June afternoon. */
const SUN_HEADING = 236
const SUN_HEIGHT = 38

/** metres around the eye within which shadows are drawn */
export const SHADOW_DISTANCE = 90

/** exp2 fog at the ground: an eighth of the haze at 2 km, nine tenths at 8 km, so that the sea ends in the sky. */
const FOG_DENSITY = 1.9e-4
/** Haze lies low: at this height, metres, it is half as dense. */
const FOG_HALF_HEIGHT = 380
/** Sun and sky together light level ground by one, so that colours are as spec/look.md has them. */
const AMBIENT_INTENSITY = 0.5

/** From the horizon up, as sRGB bytes. */
export interface SkyColours {
  readonly horizon: Rgb
  readonly middle: Rgb
  readonly zenith: Rgb
}

const EARTHLY: SkyColours = { horizon: HORIZON, middle: MIDDLE, zenith: ZENITH }

export interface Sky {
  readonly dome: Entity
  readonly sun: Entity
  /** Another sky, with its haze. @default that of the land */
  setColours(colours?: SkyColours): void
  /** Haze for an eye at this height, metres. */
  setHeight(y: number): void
  /** Draws the light of the sky anew: after a lost device came back. */
  relight(): void
  destroy(): void
}

type Triple = readonly [number, number, number]

function towardSun(): Triple {
  const [heading, height] = [SUN_HEADING * RADIANS, SUN_HEIGHT * RADIANS]
  return [Math.sin(heading) * Math.cos(height), Math.sin(height), -Math.cos(heading) * Math.cos(height)]
}

function linearOf(colour: Rgb): Triple {
  return [linear(colour[0]), linear(colour[1]), linear(colour[2])]
}

/** Sky, sun, fog and the light that comes from all around. */
export function createSky(device: GraphicsDevice, scene: Scene): Sky {
  const clouds = createGrainTexture(device)
  const material = createSkyMaterial(clouds)
  const instance = new MeshInstance(Mesh.fromGeometry(device, new BoxGeometry()), material)
  instance.cull = false
  const dome = new Entity('sky')
  dome.addComponent('render', {
    meshInstances: [instance],
    castShadows: false,
    receiveShadows: false,
  })
  const sun = createSun()
  scene.fog.type = FOG_EXP2
  scene.fog.density = FOG_DENSITY
  const level = skyColour(0.7).map((value) => (value * AMBIENT_INTENSITY) ** (1 / 2.2))
  scene.ambientLight.set(...(level as unknown as Triple))
  let atlas: Texture | undefined
  const relight = () => {
    if (device.isNull) return
    atlas?.destroy()
    atlas = createAmbient(device)
    scene.envAtlas = atlas
    scene.skyboxIntensity = AMBIENT_INTENSITY
  }
  relight()
  const setColours = ({ horizon, middle, zenith }: SkyColours = EARTHLY): void => {
    scene.fog.color.set(horizon[0] / 255, horizon[1] / 255, horizon[2] / 255)
    material.setParameter('uHorizon', [...linearOf(horizon)])
    material.setParameter('uMiddle', [...linearOf(middle)])
    material.setParameter('uZenith', [...linearOf(zenith)])
  }
  setColours()
  return {
    dome,
    sun,
    setColours,
    setHeight(y) {
      scene.fog.density = FOG_DENSITY / (1 + y / FOG_HALF_HEIGHT)
    },
    relight,
    destroy() {
      dome.destroy()
      sun.destroy()
      material.destroy()
      clouds.destroy()
      scene.envAtlas = null
      atlas?.destroy()
    },
  }
}

function createSkyMaterial(clouds: Texture): ShaderMaterial {
  const material = new ShaderMaterial({
    uniqueName: 'tabland-sky',
    attributes: { aPosition: SEMANTIC_POSITION },
    vertexGLSL: SKY_VERTEX_GLSL,
    fragmentGLSL: SKY_FRAGMENT_GLSL,
    vertexWGSL: SKY_VERTEX_WGSL,
    fragmentWGSL: SKY_FRAGMENT_WGSL,
  })
  material.cull = CULLFACE_NONE
  material.depthWrite = false
  material.setParameter('uClouds', clouds)
  material.setParameter('uSun', [...towardSun()])
  material.setParameter('uHaze', [...linearOf(HAZE)])
  material.update()
  return material
}

function createSun(): Entity {
  const sun = new Entity('sun')
  sun.addComponent('light', {
    type: 'directional',
    intensity: 1.14,
    castShadows: true,
    shadowDistance: SHADOW_DISTANCE,
    shadowResolution: 2048,
    shadowType: SHADOW_PCF3_32F,
    shadowBias: 0.2,
    normalOffsetBias: 0.06,
    numCascades: 1,
  })
  sun.light?.color.set(1, 0.94, 0.82)
  // A directional light shines down its own -y axis.
  sun.setEulerAngles(90 - SUN_HEIGHT, 180 - SUN_HEADING, 0)
  return sun
}

/** The sky as a small picture around the world, from which the renderer takes reflections and ambient light. */
function createAmbient(device: GraphicsDevice): Texture {
  const source = new Texture(device, {
    name: 'sky-light',
    width: AMBIENT_WIDTH,
    height: AMBIENT_WIDTH / 2,
    format: PIXELFORMAT_RGBA8,
    projection: TEXTUREPROJECTION_EQUIRECT,
    mipmaps: false,
    levels: [createSkyPixels()],
  })
  const atlas = EnvLighting.generateAtlas(source, {
    size: 256,
    numReflectionSamples: 64,
    numAmbientSamples: 128,
  })
  source.destroy()
  return atlas
}

const AMBIENT_WIDTH = 64

/** The gradient as sRGB bytes; row 0 is the zenith. */
export function createSkyPixels(): Uint8Array<ArrayBuffer> {
  const height = AMBIENT_WIDTH / 2
  const out = new Uint8Array(AMBIENT_WIDTH * height * 4)
  for (let row = 0; row < height; row++) {
    const up = Math.sin((0.5 - (row + 0.5) / height) * Math.PI)
    const colour = skyColour(up)
    for (let column = 0; column < AMBIENT_WIDTH; column++) {
      const at = 4 * (row * AMBIENT_WIDTH + column)
      for (let k = 0; k < 3; k++)
        out[at + k] = Math.round(255 * Math.min(1, colour[k] as number) ** (1 / 2.2))
      out[at + 3] = 255
    }
  }
  return out
}

function skyColour(up: number): Triple {
  if (up < 0) return blend(linearOf(HORIZON), linearOf(GROUND), Math.min(1, -up * 6))
  const low = blend(linearOf(HORIZON), linearOf(MIDDLE), Math.min(1, up / 0.22))
  return blend(low, linearOf(ZENITH), Math.min(1, Math.max(0, (up - 0.12) / 0.73)))
}

function blend(a: Triple, b: Triple, t: number): Triple {
  return [0, 1, 2].map((k) => (a[k] as number) * (1 - t) + (b[k] as number) * t) as unknown as Triple
}
