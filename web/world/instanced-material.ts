import { CHUNKAPI_1_57, SHADERLANGUAGE_GLSL, SHADERLANGUAGE_WGSL, StandardMaterial } from 'playcanvas'

export interface InstancedMaterialInit {
  readonly name: string
  /** shader attribute → vertex semantic */
  readonly attributes: Readonly<Record<string, string>>
  /** the engine's chunks that are replaced, by name, in each shading language */
  readonly glsl: Readonly<Record<string, string>>
  readonly wgsl: Readonly<Record<string, string>>
}

/** A matt standard material whose instances are placed and coloured by attributes of our own. */
export function createInstancedMaterial(init: InstancedMaterialInit): StandardMaterial {
  const material = new StandardMaterial()
  material.name = init.name
  material.specular.set(0, 0, 0)
  for (const [name, semantic] of Object.entries(init.attributes)) material.setAttribute(name, semantic)
  // The version of `diffusePS` that our chunks were written against.
  material.shaderChunksVersion = CHUNKAPI_1_57
  for (const [name, code] of Object.entries(init.glsl))
    material.getShaderChunks(SHADERLANGUAGE_GLSL).set(name, code)
  for (const [name, code] of Object.entries(init.wgsl))
    material.getShaderChunks(SHADERLANGUAGE_WGSL).set(name, code)
  return material
}
