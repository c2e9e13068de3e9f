/**
 * Chunks that turn the renderer's standard material into the land's: one 16-byte record per cell places it and
 * tells its colour and kind; edges, mown stripes, slabs and grain are drawn from the place alone.
 * In both shading languages, line by line the same: GLSL for WebGL2, WGSL for WebGPU.
 */

export const LAND_CHUNKS_GLSL: Readonly<Record<string, string>> = {
  transformInstancingVS: /* glsl */ `
    attribute vec2 aCellCentre;
    attribute vec4 aCellColour;
    attribute vec4 aCellKind;
    mat4 getModelMatrix() {
      return mat4(
        1.0, 0.0, 0.0, 0.0,
        0.0, 1.0, 0.0, 0.0,
        0.0, 0.0, 1.0, 0.0,
        aCellCentre.x, 0.0, aCellCentre.y, 1.0);
    }
  `,
  litUserDeclarationVS: /* glsl */ `
    varying vec4 vCellColour;
    varying vec3 vCellPlace;
  `,
  litUserMainEndVS: /* glsl */ `
    vCellColour = aCellColour;
    vCellPlace = vec3(vertex_position.xz, aCellKind.x * 255.0);
  `,
  diffusePS: /* glsl */ `
    varying vec4 vCellColour;
    varying vec3 vCellPlace;
    uniform sampler2D uGrain;
    float bandOf(float distance, float halfWidth, float pixel) {
      float sharp = 1.0 - smoothstep(halfWidth - 0.5 * pixel, halfWidth + 0.5 * pixel, distance);
      return sharp * min(1.0, 2.0 * halfWidth / pixel);
    }
    void getAlbedo() {
      vec2 place = vCellPlace.xy;
      float kind = floor(vCellPlace.z + 0.5);
      float isSquare = 1.0 - step(0.5, abs(kind - 64.0));
      float isMine = step(191.5, kind);
      float isBuilt = step(127.5, kind);
      vec2 pixel = max(vec2(0.002), fwidth(place));
      vec2 world = vPositionW.xz;
      float broad = texture2D(uGrain, world * 0.0031).r - 0.5;
      float mid = texture2D(uGrain, world * 0.047).r - 0.5;
      float fine = texture2D(uGrain, world * 0.61).r - 0.5;
      vec3 colour = pow(vCellColour.rgb, vec3(2.2));
      float grass = 1.0 - max(isSquare, isBuilt);
      float tone = 1.0 + grass * (0.42 * broad + 0.22 * mid + 0.34 * fine)
        + (1.0 - grass) * (0.10 * broad + 0.16 * mid + 0.22 * fine);
      float seed = vCellColour.a * 255.0;
      float across = mod(seed, 2.0) < 1.0 ? place.x : place.y;
      float stripes = mod(seed, 5.0) < 2.0 ? 1.0 : 0.0;
      float wave = sin(across * 2.5132741);
      tone += grass * stripes * 0.045 * wave * (1.0 - smoothstep(0.3, 1.6, max(pixel.x, pixel.y)));
      colour = mix(colour, colour * vec3(1.16, 1.04, 0.74), grass * clamp(broad * 1.5 + 0.05, 0.0, 0.5));
      colour *= tone;
      vec2 edge = 5.0 - abs(place);
      float halfWidth = mix(0.17, 0.45, isMine);
      vec3 lane = mix(vec3(0.50, 0.57, 0.30), vec3(0.77, 0.68, 0.48), max(isBuilt, 0.3));
      lane = mix(lane, vec3(0.76, 0.45, 0.045), isMine);
      float line = max(bandOf(edge.x, halfWidth, pixel.x), bandOf(edge.y, halfWidth, pixel.y)) * mix(0.62, 1.0, isMine) * (1.0 - isSquare);
      colour = mix(colour, lane, line);
      vec2 way = abs(fract(world / 100.0 + 0.5) - 0.5) * 100.0;
      float path = max(bandOf(way.x, 1.1, pixel.x), bandOf(way.y, 1.1, pixel.y)) * (1.0 - isSquare);
      colour = mix(colour, vec3(0.77, 0.66, 0.43) * (1.0 + 0.3 * mid + 0.3 * fine), 0.85 * path);
      vec2 slab = abs(fract(place / 2.5 + 0.5) - 0.5) * 2.5;
      float joint = max(bandOf(slab.x, 0.035, pixel.x), bandOf(slab.y, 0.035, pixel.y)) * isSquare;
      colour *= 1.0 - 0.22 * joint;
      dAlbedo = colour;
    }
  `,
}

export const LAND_CHUNKS_WGSL: Readonly<Record<string, string>> = {
  transformInstancingVS: /* wgsl */ `
    attribute aCellCentre: vec2f;
    attribute aCellColour: vec4f;
    attribute aCellKind: vec4f;
    fn getModelMatrix() -> mat4x4f {
      return mat4x4f(
        vec4f(1.0, 0.0, 0.0, 0.0),
        vec4f(0.0, 1.0, 0.0, 0.0),
        vec4f(0.0, 0.0, 1.0, 0.0),
        vec4f(aCellCentre.x, 0.0, aCellCentre.y, 1.0));
    }
  `,
  litUserDeclarationVS: /* wgsl */ `
    varying vCellColour: vec4f;
    varying vCellPlace: vec3f;
  `,
  litUserMainEndVS: /* wgsl */ `
    output.vCellColour = aCellColour;
    output.vCellPlace = vec3f(vertex_position.xz, aCellKind.x * 255.0);
  `,
  diffusePS: /* wgsl */ `
    varying vCellColour: vec4f;
    varying vCellPlace: vec3f;
    var uGrain: texture_2d<f32>;
    var uGrainSampler: sampler;
    fn bandOf(distance: f32, halfWidth: f32, pixel: f32) -> f32 {
      let sharp = 1.0 - smoothstep(halfWidth - 0.5 * pixel, halfWidth + 0.5 * pixel, distance);
      return sharp * min(1.0, 2.0 * halfWidth / pixel);
    }
    fn getAlbedo() {
      let place = vCellPlace.xy;
      let kind = floor(vCellPlace.z + 0.5);
      let isSquare = 1.0 - step(0.5, abs(kind - 64.0));
      let isMine = step(191.5, kind);
      let isBuilt = step(127.5, kind);
      let pixel = max(vec2f(0.002), fwidth(place));
      let world = vPositionW.xz;
      let broad = textureSample(uGrain, uGrainSampler, world * 0.0031).r - 0.5;
      let mid = textureSample(uGrain, uGrainSampler, world * 0.047).r - 0.5;
      let fine = textureSample(uGrain, uGrainSampler, world * 0.61).r - 0.5;
      var colour = pow(vCellColour.rgb, vec3f(2.2));
      let grass = 1.0 - max(isSquare, isBuilt);
      var tone = 1.0 + grass * (0.42 * broad + 0.22 * mid + 0.34 * fine)
        + (1.0 - grass) * (0.10 * broad + 0.16 * mid + 0.22 * fine);
      let seed = vCellColour.a * 255.0;
      let across = select(place.y, place.x, seed % 2.0 < 1.0);
      let stripes = select(0.0, 1.0, seed % 5.0 < 2.0);
      let wave = sin(across * 2.5132741);
      tone = tone + grass * stripes * 0.045 * wave * (1.0 - smoothstep(0.3, 1.6, max(pixel.x, pixel.y)));
      colour = mix(colour, colour * vec3f(1.16, 1.04, 0.74), grass * clamp(broad * 1.5 + 0.05, 0.0, 0.5));
      colour = colour * tone;
      let edge = 5.0 - abs(place);
      let halfWidth = mix(0.17, 0.45, isMine);
      var lane = mix(vec3f(0.50, 0.57, 0.30), vec3f(0.77, 0.68, 0.48), max(isBuilt, 0.3));
      lane = mix(lane, vec3f(0.76, 0.45, 0.045), isMine);
      let line = max(bandOf(edge.x, halfWidth, pixel.x), bandOf(edge.y, halfWidth, pixel.y)) * mix(0.62, 1.0, isMine) * (1.0 - isSquare);
      colour = mix(colour, lane, line);
      let way = abs(fract(world / 100.0 + 0.5) - 0.5) * 100.0;
      let path = max(bandOf(way.x, 1.1, pixel.x), bandOf(way.y, 1.1, pixel.y)) * (1.0 - isSquare);
      colour = mix(colour, vec3f(0.77, 0.66, 0.43) * (1.0 + 0.3 * mid + 0.3 * fine), 0.85 * path);
      let slab = abs(fract(place / 2.5 + 0.5) - 0.5) * 2.5;
      let joint = max(bandOf(slab.x, 0.035, pixel.x), bandOf(slab.y, 0.035, pixel.y)) * isSquare;
      colour = colour * (1.0 - 0.22 * joint);
      dAlbedo = colour;
    }
  `,
}
