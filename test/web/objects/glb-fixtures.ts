import { readFileSync } from 'node:fs'
import { readContainer, writeContainer } from '#objects/glb-container.ts'

export type ModelName = 'AnimatedMorphCube' | 'GenericHand' | 'InterpolationTest' | 'WaterBottle'

/** A document that a test may change at will. */
// biome-ignore lint/suspicious/noExplicitAny: tests break glTF documents in ways no type allows
export type GltfDocument = Record<string, any>

export function readModel(name: ModelName): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`../../vectors/models/${name}.glb`, import.meta.url)))
}

/** The model with its document and its buffer changed in place by `change`. */
export function editModel(
  name: ModelName,
  change: (document: GltfDocument, bin: Uint8Array<ArrayBuffer>) => void,
): Uint8Array<ArrayBuffer> {
  const { json, bin } = readContainer(readModel(name))
  const document = structuredClone(json) as GltfDocument
  const copy = new Uint8Array(bin)
  change(document, copy)
  return writeContainer({ json: document, bin: copy })
}

/** `bytes` with one 32-bit little-endian word replaced. */
export function setWord(bytes: Uint8Array, at: number, value: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes)
  new DataView(out.buffer).setUint32(at, value, true)
  return out
}
