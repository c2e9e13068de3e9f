/** The sky: a gradient from horizon to zenith, a haze toward the sun, its disc, and still clouds. GLSL and WGSL alike. */

export const SKY_VERTEX_GLSL = /* glsl */ `
  attribute vec4 aPosition;
  uniform mat4 matrix_view;
  uniform mat4 matrix_projection;
  varying vec3 vDirection;
  void main(void) {
    mat4 view = matrix_view;
    view[3][0] = view[3][1] = view[3][2] = 0.0;
    vDirection = aPosition.xyz;
    gl_Position = matrix_projection * (view * vec4(aPosition.xyz * 100.0, 1.0));
    gl_Position.z = gl_Position.w - 1.0e-7;
  }
`

export const SKY_FRAGMENT_GLSL = /* glsl */ `
  #include "gammaPS"
  #include "tonemappingPS"
  varying vec3 vDirection;
  uniform vec3 uSun;
  uniform vec3 uHorizon;
  uniform vec3 uMiddle;
  uniform vec3 uZenith;
  uniform vec3 uHaze;
  uniform sampler2D uClouds;
  void main(void) {
    vec3 direction = normalize(vDirection);
    float height = max(0.0, direction.y);
    vec3 colour = mix(uHorizon, uMiddle, smoothstep(0.0, 0.22, height));
    colour = mix(colour, uZenith, smoothstep(0.12, 0.85, height));
    float toSun = max(0.0, dot(direction, uSun));
    colour += uHaze * (0.34 * pow(toSun, 6.0) * (1.0 - 0.5 * height) + 0.5 * pow(toSun, 48.0));
    colour += vec3(6.0, 5.4, 4.2) * smoothstep(0.99955, 0.99985, toSun);
    vec2 place = direction.xz / (height + 0.16);
    float cloud = 0.62 * texture2D(uClouds, place * 0.055).r + 0.38 * texture2D(uClouds, place * 0.17).r;
    cloud = smoothstep(0.5, 0.74, cloud) * smoothstep(0.015, 0.22, height);
    colour = mix(colour, vec3(0.96, 0.97, 0.98) + 0.25 * uHaze * pow(toSun, 4.0), 0.7 * cloud);
    float grain = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715)))) - 0.5;
    vec3 shown = gammaCorrectOutput(toneMap(colour));
    gl_FragColor = vec4(shown + grain / 255.0, 1.0);
  }
`

export const SKY_VERTEX_WGSL = /* wgsl */ `
  attribute aPosition: vec4f;
  uniform matrix_view: mat4x4f;
  uniform matrix_projection: mat4x4f;
  varying vDirection: vec3f;
  @vertex
  fn vertexMain(input: VertexInput) -> VertexOutput {
    var output: VertexOutput;
    var view = uniform.matrix_view;
    view[3] = vec4f(0.0, 0.0, 0.0, view[3].w);
    output.vDirection = aPosition.xyz;
    output.position = uniform.matrix_projection * (view * vec4f(aPosition.xyz * 100.0, 1.0));
    output.position.z = output.position.w - 1.0e-7;
    return output;
  }
`

export const SKY_FRAGMENT_WGSL = /* wgsl */ `
  #include "gammaPS"
  #include "tonemappingPS"
  varying vDirection: vec3f;
  uniform uSun: vec3f;
  uniform uHorizon: vec3f;
  uniform uMiddle: vec3f;
  uniform uZenith: vec3f;
  uniform uHaze: vec3f;
  var uClouds: texture_2d<f32>;
  var uCloudsSampler: sampler;
  @fragment
  fn fragmentMain(input: FragmentInput) -> FragmentOutput {
    var output: FragmentOutput;
    let direction = normalize(input.vDirection);
    let height = max(0.0, direction.y);
    var colour = mix(uniform.uHorizon, uniform.uMiddle, smoothstep(0.0, 0.22, height));
    colour = mix(colour, uniform.uZenith, smoothstep(0.12, 0.85, height));
    let toSun = max(0.0, dot(direction, uniform.uSun));
    colour = colour + uniform.uHaze * (0.34 * pow(toSun, 6.0) * (1.0 - 0.5 * height) + 0.5 * pow(toSun, 48.0));
    colour = colour + vec3f(6.0, 5.4, 4.2) * smoothstep(0.99955, 0.99985, toSun);
    let place = direction.xz / (height + 0.16);
    var cloud = 0.62 * textureSample(uClouds, uCloudsSampler, place * 0.055).r
      + 0.38 * textureSample(uClouds, uCloudsSampler, place * 0.17).r;
    cloud = smoothstep(0.5, 0.74, cloud) * smoothstep(0.015, 0.22, height);
    colour = mix(colour, vec3f(0.96, 0.97, 0.98) + 0.25 * uniform.uHaze * pow(toSun, 4.0), 0.7 * cloud);
    let grain = fract(52.9829189 * fract(dot(input.position.xy, vec2f(0.06711056, 0.00583715)))) - 0.5;
    let shown = gammaCorrectOutput(toneMap(colour));
    output.color = vec4f(shown + vec3f(grain / 255.0), 1.0);
    return output;
  }
`
