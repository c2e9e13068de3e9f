/**
 * Chunks that turn the renderer's standard material into the land's: a picture with one pixel for each cell tells
 * colour and kind; edges, ways, mown stripes, slabs and grain are drawn from the place alone.
 * In both shading languages, line by line the same: GLSL for WebGL2, WGSL for WebGPU.
 */

export const LAND_CHUNKS_GLSL: Readonly<Record<string, string>> = {
  transformInstancingVS: /* glsl */ `
    attribute vec2 aBlockCentre;
    mat4 getModelMatrix() {
      return mat4(
        1.0, 0.0, 0.0, 0.0,
        0.0, 1.0, 0.0, 0.0,
        0.0, 0.0, 1.0, 0.0,
        aBlockCentre.x, 0.0, aBlockCentre.y, 1.0);
    }
  `,
  diffusePS: /* glsl */ `
    uniform sampler2D uCells;
    uniform sampler2D uGrain;
    float bandOf(float distance, float halfWidth, float pixel) {
      float sharp = 1.0 - smoothstep(halfWidth - 0.5 * pixel, halfWidth + 0.5 * pixel, distance);
      return sharp * min(1.0, 2.0 * halfWidth / pixel);
    }
    void getAlbedo() {
      vec2 world = vPositionW.xz;
      vec4 cell = texture2D(uCells, world / 2640.0 + 0.5, -0.6);
      vec2 pixel = max(vec2(0.002), fwidth(world));
      float broad = texture2D(uGrain, world * 0.0031).r - 0.5;
      float mid = texture2D(uGrain, world * 0.047).r - 0.5;
      float fine = texture2D(uGrain, world * 0.61).r - 0.5;
      float kind = cell.a * 255.0;
      if (kind < 48.0) discard;
      float isSquare = step(128.0, kind) * (1.0 - step(184.0, kind));
      float isBuilt = step(184.0, kind);
      float isMine = step(232.0, kind);
      float grass = 1.0 - max(isSquare, isBuilt);
      vec2 place = (fract(world / 10.0) - 0.5) * 10.0;
      vec2 corner = floor(world / 10.0);
      float seed = fract(sin(dot(corner, vec2(12.9898, 78.233))) * 43758.5453);
      vec3 colour = pow(cell.rgb, vec3(2.2));
      float tone = 1.0 + grass * (0.42 * broad + 0.22 * mid + 0.34 * fine)
        + (1.0 - grass) * (0.10 * broad + 0.16 * mid + 0.22 * fine);
      float across = seed < 0.5 ? place.x : place.y;
      float stripes = step(0.62, fract(seed * 7.0));
      tone += grass * stripes * 0.045 * sin(across * 2.5132741)
        * (1.0 - smoothstep(0.3, 1.6, max(pixel.x, pixel.y)));
      colour = mix(colour, colour * vec3(1.16, 1.04, 0.74), grass * clamp(broad * 1.5 + 0.05, 0.0, 0.5));
      colour *= tone;
      vec2 edge = 5.0 - abs(place);
      float halfWidth = mix(0.17, 0.45, isMine);
      vec3 lane = mix(vec3(0.50, 0.57, 0.30), vec3(0.77, 0.68, 0.48), max(isBuilt, 0.3));
      lane = mix(lane, vec3(0.76, 0.45, 0.045), isMine);
      float line = max(bandOf(edge.x, halfWidth, pixel.x), bandOf(edge.y, halfWidth, pixel.y));
      colour = mix(colour, lane, line * mix(0.62, 1.0, isMine) * (1.0 - isSquare));
      vec2 way = abs(fract(world / 100.0 + 0.5) - 0.5) * 100.0;
      float path = max(bandOf(way.x, 1.1, pixel.x), bandOf(way.y, 1.1, pixel.y)) * (1.0 - isSquare);
      colour = mix(colour, vec3(0.77, 0.66, 0.43) * (1.0 + 0.3 * mid + 0.3 * fine), 0.85 * path);
      vec2 slab = abs(fract(world / 2.5 + 0.5) - 0.5) * 2.5;
      float joint = max(bandOf(slab.x, 0.035, pixel.x), bandOf(slab.y, 0.035, pixel.y)) * isSquare;
      dAlbedo = colour * (1.0 - 0.22 * joint);
    }
  `,
}

export const LAND_CHUNKS_WGSL: Readonly<Record<string, string>> = {
  transformInstancingVS: /* wgsl */ `
    attribute aBlockCentre: vec2f;
    fn getModelMatrix() -> mat4x4f {
      return mat4x4f(
        vec4f(1.0, 0.0, 0.0, 0.0),
        vec4f(0.0, 1.0, 0.0, 0.0),
        vec4f(0.0, 0.0, 1.0, 0.0),
        vec4f(aBlockCentre.x, 0.0, aBlockCentre.y, 1.0));
    }
  `,
  diffusePS: /* wgsl */ `
    var uCells: texture_2d<f32>;
    var uCellsSampler: sampler;
    var uGrain: texture_2d<f32>;
    var uGrainSampler: sampler;
    fn bandOf(distance: f32, halfWidth: f32, pixel: f32) -> f32 {
      let sharp = 1.0 - smoothstep(halfWidth - 0.5 * pixel, halfWidth + 0.5 * pixel, distance);
      return sharp * min(1.0, 2.0 * halfWidth / pixel);
    }
    fn getAlbedo() {
      let world = vPositionW.xz;
      let cell = textureSampleBias(uCells, uCellsSampler, world / 2640.0 + 0.5, -0.6);
      let pixel = max(vec2f(0.002), fwidth(world));
      let broad = textureSample(uGrain, uGrainSampler, world * 0.0031).r - 0.5;
      let mid = textureSample(uGrain, uGrainSampler, world * 0.047).r - 0.5;
      let fine = textureSample(uGrain, uGrainSampler, world * 0.61).r - 0.5;
      let kind = cell.a * 255.0;
      if (kind < 48.0) { discard; }
      let isSquare = step(128.0, kind) * (1.0 - step(184.0, kind));
      let isBuilt = step(184.0, kind);
      let isMine = step(232.0, kind);
      let grass = 1.0 - max(isSquare, isBuilt);
      let place = (fract(world / 10.0) - 0.5) * 10.0;
      let corner = floor(world / 10.0);
      let seed = fract(sin(dot(corner, vec2f(12.9898, 78.233))) * 43758.5453);
      var colour = pow(cell.rgb, vec3f(2.2));
      var tone = 1.0 + grass * (0.42 * broad + 0.22 * mid + 0.34 * fine)
        + (1.0 - grass) * (0.10 * broad + 0.16 * mid + 0.22 * fine);
      let across = select(place.y, place.x, seed < 0.5);
      let stripes = step(0.62, fract(seed * 7.0));
      tone = tone + grass * stripes * 0.045 * sin(across * 2.5132741)
        * (1.0 - smoothstep(0.3, 1.6, max(pixel.x, pixel.y)));
      colour = mix(colour, colour * vec3f(1.16, 1.04, 0.74), grass * clamp(broad * 1.5 + 0.05, 0.0, 0.5));
      colour = colour * tone;
      let edge = 5.0 - abs(place);
      let halfWidth = mix(0.17, 0.45, isMine);
      var lane = mix(vec3f(0.50, 0.57, 0.30), vec3f(0.77, 0.68, 0.48), max(isBuilt, 0.3));
      lane = mix(lane, vec3f(0.76, 0.45, 0.045), isMine);
      let line = max(bandOf(edge.x, halfWidth, pixel.x), bandOf(edge.y, halfWidth, pixel.y));
      colour = mix(colour, lane, line * mix(0.62, 1.0, isMine) * (1.0 - isSquare));
      let way = abs(fract(world / 100.0 + 0.5) - 0.5) * 100.0;
      let path = max(bandOf(way.x, 1.1, pixel.x), bandOf(way.y, 1.1, pixel.y)) * (1.0 - isSquare);
      colour = mix(colour, vec3f(0.77, 0.66, 0.43) * (1.0 + 0.3 * mid + 0.3 * fine), 0.85 * path);
      let slab = abs(fract(world / 2.5 + 0.5) - 0.5) * 2.5;
      let joint = max(bandOf(slab.x, 0.035, pixel.x), bandOf(slab.y, 0.035, pixel.y)) * isSquare;
      dAlbedo = colour * (1.0 - 0.22 * joint);
    }
  `,
}
