import {
  BoxGeometry,
  type GraphicsDevice,
  Mesh,
  SEMANTIC_ATTR10,
  SEMANTIC_ATTR11,
  SEMANTIC_ATTR12,
  type StandardMaterial,
  TYPE_FLOAT32,
  TYPE_UINT8,
} from 'playcanvas'
import type { Bounds } from '#objects/glb.ts'
import { createInstanced, type Instanced } from './instanced.ts'
import { createInstancedMaterial } from './instanced-material.ts'
import type { Rgb } from './palette.ts'

/** Boxes stand for models that are far, on their way, or not allowed. More than this cannot be told apart. */
export const MAX_BOXES = 4_096

/** f32 centre xyz, f32 pad; f32 size xyz, f32 pad; u8 red, green, blue, pad. */
const RECORD_BYTES = 36

const CHUNKS_GLSL = {
  transformInstancingVS: /* glsl */ `
    attribute vec4 aBoxCentre;
    attribute vec4 aBoxSize;
    attribute vec4 aBoxColour;
    mat4 getModelMatrix() {
      return mat4(
        aBoxSize.x, 0.0, 0.0, 0.0,
        0.0, aBoxSize.y, 0.0, 0.0,
        0.0, 0.0, aBoxSize.z, 0.0,
        aBoxCentre.xyz, 1.0);
    }
  `,
  litUserDeclarationVS: 'varying vec3 vBoxColour;',
  litUserMainEndVS: 'vBoxColour = aBoxColour.rgb;',
  diffusePS: /* glsl */ `
    varying vec3 vBoxColour;
    void getAlbedo() { dAlbedo = pow(vBoxColour, vec3(2.2)); }
  `,
}

const CHUNKS_WGSL = {
  transformInstancingVS: /* wgsl */ `
    attribute aBoxCentre: vec4f;
    attribute aBoxSize: vec4f;
    attribute aBoxColour: vec4f;
    fn getModelMatrix() -> mat4x4f {
      return mat4x4f(
        vec4f(aBoxSize.x, 0.0, 0.0, 0.0),
        vec4f(0.0, aBoxSize.y, 0.0, 0.0),
        vec4f(0.0, 0.0, aBoxSize.z, 0.0),
        vec4f(aBoxCentre.xyz, 1.0));
    }
  `,
  litUserDeclarationVS: 'varying vBoxColour: vec3f;',
  litUserMainEndVS: 'output.vBoxColour = aBoxColour.rgb;',
  diffusePS: /* wgsl */ `
    varying vBoxColour: vec3f;
    fn getAlbedo() { dAlbedo = pow(vBoxColour, vec3f(2.2)); }
  `,
}

export interface Boxes extends Pick<Instanced, 'entity' | 'destroy' | 'triangles'> {
  /** Begins a new set. */
  begin(): void
  /** Adds a box, its height scaled by `fade` in 0..1; silently the last ones are left out above MAX_BOXES. */
  add(bounds: Bounds, colour: Rgb, fade: number): void
  /** Draws the set. */
  end(): void
}

export function createBoxes(device: GraphicsDevice): Boxes {
  const instanced = createInstanced(device, {
    name: 'boxes',
    mesh: Mesh.fromGeometry(device, new BoxGeometry()),
    material: createBoxMaterial(),
    attributes: [
      { semantic: SEMANTIC_ATTR10, components: 4, type: TYPE_FLOAT32 },
      { semantic: SEMANTIC_ATTR11, components: 4, type: TYPE_FLOAT32 },
      { semantic: SEMANTIC_ATTR12, components: 4, type: TYPE_UINT8, normalize: true },
    ],
    capacity: MAX_BOXES,
    castShadows: true,
    receiveShadows: true,
  })
  let count = 0
  return {
    entity: instanced.entity,
    triangles: () => instanced.triangles(),
    destroy: () => instanced.destroy(),
    begin() {
      count = 0
    },
    add(bounds, colour, fade) {
      if (count === MAX_BOXES) return
      writeBox(instanced.records, count * RECORD_BYTES, { bounds, colour, fade })
      count += 1
    },
    end: () => instanced.show(count),
  }
}

interface BoxLook {
  readonly bounds: Bounds
  readonly colour: Rgb
  readonly fade: number
}

function writeBox(records: DataView, at: number, { bounds: { min, max }, colour, fade }: BoxLook): void {
  const height = (max[1] - min[1]) * fade
  records.setFloat32(at, (min[0] + max[0]) / 2, true)
  records.setFloat32(at + 4, min[1] + height / 2, true)
  records.setFloat32(at + 8, (min[2] + max[2]) / 2, true)
  records.setFloat32(at + 16, max[0] - min[0], true)
  records.setFloat32(at + 20, height, true)
  records.setFloat32(at + 24, max[2] - min[2], true)
  for (let k = 0; k < 3; k++) records.setUint8(at + 32 + k, colour[k] as number)
}

function createBoxMaterial(): StandardMaterial {
  const material = createInstancedMaterial({
    name: 'boxes',
    attributes: { aBoxCentre: SEMANTIC_ATTR10, aBoxSize: SEMANTIC_ATTR11, aBoxColour: SEMANTIC_ATTR12 },
    glsl: CHUNKS_GLSL,
    wgsl: CHUNKS_WGSL,
  })
  material.update()
  return material
}
