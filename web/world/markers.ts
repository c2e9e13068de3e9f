import {
  BLEND_NORMAL,
  CULLFACE_NONE,
  type GraphicsDevice,
  Mesh,
  SEMANTIC_ATTR10,
  SEMANTIC_ATTR11,
  SEMANTIC_POSITION,
  ShaderMaterial,
  TYPE_FLOAT32,
  TYPE_UINT8,
} from 'playcanvas'
import { createInstanced, type Instanced } from './instanced.ts'
import type { Rgb } from './palette.ts'

/** Signs on the ground: the selected parcel, models on their way, models that failed. */
export const MAX_MARKERS = 256

/** frame = border of a parcel, ring = arc of progress, cross = what could not be shown */
export type MarkerKind = 'frame' | 'ring' | 'cross'

const KINDS: Readonly<Record<MarkerKind, number>> = { frame: 0, ring: 1, cross: 2 }

export interface Marker {
  readonly kind: MarkerKind
  /** of the parcel's centre, metres */
  readonly x: number
  readonly z: number
  readonly colour: Rgb
  /** 0..1 */
  readonly alpha: number
  /** 0..1, of a ring */
  readonly progress: number
}

export interface Markers extends Pick<Instanced, 'entity' | 'destroy'> {
  begin(): void
  add(marker: Marker): void
  end(): void
}

/** f32 x, f32 z, f32 kind, f32 progress; u8 red, green, blue, alpha. */
const RECORD_BYTES = 20

const VERTEX_GLSL = /* glsl */ `
  attribute vec3 aPosition;
  attribute vec4 aMarker;
  attribute vec4 aMarkerColour;
  uniform mat4 matrix_viewProjection;
  varying vec2 vPlace;
  varying vec2 vLook;
  varying vec4 vColour;
  void main(void) {
    vPlace = aPosition.xz;
    vLook = aMarker.zw;
    vColour = aMarkerColour;
    gl_Position = matrix_viewProjection * vec4(aMarker.x + aPosition.x, 0.04, aMarker.y + aPosition.z, 1.0);
    gl_Position.z -= 0.00002 * gl_Position.w;
  }
`
const FRAGMENT_GLSL = /* glsl */ `
  #include "gammaPS"
  varying vec2 vPlace;
  varying vec2 vLook;
  varying vec4 vColour;
  void main(void) {
    float pixel = max(0.004, max(fwidth(vPlace.x), fwidth(vPlace.y)));
    float width = max(0.30, 1.3 * pixel);
    float border = 5.0 - max(abs(vPlace.x), abs(vPlace.y));
    float frame = (1.0 - smoothstep(width - pixel, width, border)) * step(0.0, border)
      + 0.16 * step(0.0, border) * (1.0 - smoothstep(0.0, 2.6, border));
    float radius = length(vPlace);
    float band = 1.0 - smoothstep(0.22, 0.22 + pixel, abs(radius - 3.2));
    float turn = fract(atan(vPlace.x, -vPlace.y) / 6.2831853 + 1.0);
    float ring = band * mix(0.28, 1.0, step(turn, vLook.y));
    vec2 diagonal = abs(vec2(vPlace.x + vPlace.y, vPlace.x - vPlace.y)) * 0.70710678;
    float bars = 1.0 - smoothstep(0.26, 0.26 + pixel, min(diagonal.x, diagonal.y));
    float sign = bars * (1.0 - smoothstep(1.5, 1.5 + pixel, radius));
    float shape = vLook.x < 0.5 ? frame : (vLook.x < 1.5 ? ring : max(sign, band * 0.8));
    vec3 colour = gammaCorrectOutput(pow(vColour.rgb, vec3(2.2)));
    gl_FragColor = vec4(colour, clamp(shape, 0.0, 1.0) * vColour.a);
  }
`
const VERTEX_WGSL = /* wgsl */ `
  attribute aPosition: vec3f;
  attribute aMarker: vec4f;
  attribute aMarkerColour: vec4f;
  uniform matrix_viewProjection: mat4x4f;
  varying vPlace: vec2f;
  varying vLook: vec2f;
  varying vColour: vec4f;
  @vertex
  fn vertexMain(input: VertexInput) -> VertexOutput {
    var output: VertexOutput;
    output.vPlace = aPosition.xz;
    output.vLook = aMarker.zw;
    output.vColour = aMarkerColour;
    output.position = uniform.matrix_viewProjection
      * vec4f(aMarker.x + aPosition.x, 0.04, aMarker.y + aPosition.z, 1.0);
    output.position.z = output.position.z - 0.00002 * output.position.w;
    return output;
  }
`
const FRAGMENT_WGSL = /* wgsl */ `
  #include "gammaPS"
  varying vPlace: vec2f;
  varying vLook: vec2f;
  varying vColour: vec4f;
  @fragment
  fn fragmentMain(input: FragmentInput) -> FragmentOutput {
    var output: FragmentOutput;
    let place = input.vPlace;
    let pixel = max(0.004, max(fwidth(place.x), fwidth(place.y)));
    let width = max(0.30, 1.3 * pixel);
    let border = 5.0 - max(abs(place.x), abs(place.y));
    let frame = (1.0 - smoothstep(width - pixel, width, border)) * step(0.0, border)
      + 0.16 * step(0.0, border) * (1.0 - smoothstep(0.0, 2.6, border));
    let radius = length(place);
    let band = 1.0 - smoothstep(0.22, 0.22 + pixel, abs(radius - 3.2));
    let turn = fract(atan2(place.x, -place.y) / 6.2831853 + 1.0);
    let ring = band * mix(0.28, 1.0, step(turn, input.vLook.y));
    let diagonal = abs(vec2f(place.x + place.y, place.x - place.y)) * 0.70710678;
    let bars = 1.0 - smoothstep(0.26, 0.26 + pixel, min(diagonal.x, diagonal.y));
    let sign = bars * (1.0 - smoothstep(1.5, 1.5 + pixel, radius));
    let shape = select(select(max(sign, band * 0.8), ring, input.vLook.x < 1.5), frame, input.vLook.x < 0.5);
    let colour = gammaCorrectOutput(pow(input.vColour.rgb, vec3f(2.2)));
    output.color = vec4f(colour, clamp(shape, 0.0, 1.0) * input.vColour.a);
    return output;
  }
`

export function createMarkers(device: GraphicsDevice): Markers {
  const instanced = createInstanced(device, {
    name: 'markers',
    mesh: createQuad(device),
    material: createMarkerMaterial(),
    attributes: [
      { semantic: SEMANTIC_ATTR10, components: 4, type: TYPE_FLOAT32 },
      { semantic: SEMANTIC_ATTR11, components: 4, type: TYPE_UINT8, normalize: true },
    ],
    capacity: MAX_MARKERS,
    castShadows: false,
    receiveShadows: false,
  })
  let count = 0
  return {
    entity: instanced.entity,
    destroy: () => instanced.destroy(),
    begin() {
      count = 0
    },
    add(marker) {
      if (count === MAX_MARKERS) return
      writeMarker(instanced.records, count * RECORD_BYTES, marker)
      count += 1
    },
    end: () => instanced.show(count),
  }
}

function writeMarker(records: DataView, at: number, marker: Marker): void {
  records.setFloat32(at, marker.x, true)
  records.setFloat32(at + 4, marker.z, true)
  records.setFloat32(at + 8, KINDS[marker.kind], true)
  records.setFloat32(at + 12, marker.progress, true)
  for (let k = 0; k < 3; k++) records.setUint8(at + 16 + k, marker.colour[k] as number)
  records.setUint8(at + 19, Math.round(255 * Math.min(1, Math.max(0, marker.alpha))))
}

function createQuad(device: GraphicsDevice): Mesh {
  const mesh = new Mesh(device)
  mesh.setPositions([-5.2, 0, -5.2, -5.2, 0, 5.2, 5.2, 0, 5.2, 5.2, 0, -5.2])
  mesh.setIndices([0, 1, 2, 0, 2, 3])
  mesh.update()
  return mesh
}

function createMarkerMaterial(): ShaderMaterial {
  const material = new ShaderMaterial({
    uniqueName: 'tabland-markers',
    attributes: {
      aPosition: SEMANTIC_POSITION,
      aMarker: SEMANTIC_ATTR10,
      aMarkerColour: SEMANTIC_ATTR11,
    },
    vertexGLSL: VERTEX_GLSL,
    fragmentGLSL: FRAGMENT_GLSL,
    vertexWGSL: VERTEX_WGSL,
    fragmentWGSL: FRAGMENT_WGSL,
  })
  material.cull = CULLFACE_NONE
  material.blendType = BLEND_NORMAL
  material.depthWrite = false
  material.update()
  return material
}
