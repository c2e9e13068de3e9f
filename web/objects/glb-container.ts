import { glbError, type JsonObject, objectOf, ownValue } from './glb-json.ts'

/** A .glb taken apart: the glTF document and its one binary buffer (an alias of the input, empty when absent). */
export interface GlbContainer {
  readonly json: JsonObject
  readonly bin: Uint8Array
}

const MAGIC = 0x46546c67
const CHUNK_JSON = 0x4e4f534a
const CHUNK_BIN = 0x004e4942
const HEADER_BYTES = 12
const CHUNK_HEADER_BYTES = 8

/**
 * Reads the container of glTF 2.0 §4 (binary glTF): header, JSON chunk, optional BIN chunk.
 * @throws GLB_NOT_GLB, GLB_VERSION, GLB_TRUNCATED, GLB_CHUNK, GLB_JSON, GLB_STRUCTURE
 */
export function readContainer(bytes: Uint8Array): GlbContainer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  checkHeader(view)
  const jsonChunk = readChunk(view, HEADER_BYTES)
  if (jsonChunk.type !== CHUNK_JSON) {
    throw glbError('GLB_CHUNK', 'The first chunk of this .glb is not its JSON. Export the model again.')
  }
  let bin = bytes.subarray(0, 0)
  if (jsonChunk.end < bytes.length) {
    const chunk = readChunk(view, jsonChunk.end)
    if (chunk.type !== CHUNK_BIN) {
      throw glbError(
        'GLB_CHUNK',
        'The second chunk of this .glb is not its binary buffer. Export the model again.',
      )
    }
    bin = bytes.subarray(chunk.start, chunk.end)
    skipUnknownChunks(view, chunk.end)
  }
  return { json: parseJson(bytes.subarray(jsonChunk.start, jsonChunk.end)), bin }
}

/** The opposite of `readContainer`: one .glb of a document and its buffer, padded as §4.4 asks. */
export function writeContainer({ json, bin }: GlbContainer): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(json))
  const jsonLength = align4(text.length)
  const binLength = align4(bin.length)
  const total = HEADER_BYTES + 2 * CHUNK_HEADER_BYTES + jsonLength + binLength
  const out = new Uint8Array(total)
  const view = new DataView(out.buffer)
  const header = [MAGIC, 2, total, jsonLength, CHUNK_JSON]
  header.forEach((word, i) => {
    view.setUint32(4 * i, word, true)
  })
  const jsonStart = HEADER_BYTES + CHUNK_HEADER_BYTES
  out.fill(0x20, jsonStart, jsonStart + jsonLength)
  out.set(text, jsonStart)
  view.setUint32(jsonStart + jsonLength, binLength, true)
  view.setUint32(jsonStart + jsonLength + 4, CHUNK_BIN, true)
  out.set(bin, jsonStart + jsonLength + CHUNK_HEADER_BYTES)
  return out
}

function align4(length: number): number {
  return (length + 3) & ~3
}

function checkHeader(view: DataView): void {
  if (view.byteLength < 4 || view.getUint32(0, true) !== MAGIC) {
    throw glbError(
      'GLB_NOT_GLB',
      'This file is not a .glb model. Choose a file saved as glTF 2.0 binary (.glb).',
    )
  }
  if (view.byteLength < HEADER_BYTES + CHUNK_HEADER_BYTES)
    throw truncated(HEADER_BYTES + CHUNK_HEADER_BYTES, view)
  const version = view.getUint32(4, true)
  if (version !== 2) {
    throw glbError(
      'GLB_VERSION',
      `This model is glTF version ${version}; version 2 is needed. Export it as glTF 2.0.`,
    )
  }
  const length = view.getUint32(8, true)
  if (length > view.byteLength) throw truncated(length, view)
  if (length < view.byteLength) {
    throw glbError(
      'GLB_CHUNK',
      `This .glb says it has ${length} bytes, but the file has ${view.byteLength}. Export the model again.`,
    )
  }
}

interface Chunk {
  readonly type: number
  readonly start: number
  readonly end: number
}

function readChunk(view: DataView, at: number): Chunk {
  const start = at + CHUNK_HEADER_BYTES
  if (start > view.byteLength) throw truncated(start, view)
  const length = view.getUint32(at, true)
  if (length % 4 !== 0) {
    throw glbError(
      'GLB_CHUNK',
      `A chunk of this .glb has ${length} bytes, not a multiple of 4. Export the model again.`,
    )
  }
  // The header's length matched the file's, so a chunk that reaches beyond is a wrong length, not a short file.
  if (start + length > view.byteLength) {
    throw glbError(
      'GLB_CHUNK',
      `A chunk of this .glb claims ${length} bytes, but ${view.byteLength - start} are left. Export the model again.`,
    )
  }
  return { type: view.getUint32(at + 4, true), start, end: start + length }
}

/** §4.4.1: clients ignore chunks of unknown types, but their lengths must still add up. */
function skipUnknownChunks(view: DataView, from: number): void {
  let at = from
  while (at < view.byteLength) at = readChunk(view, at).end
}

function parseJson(bytes: Uint8Array): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw glbError('GLB_JSON', 'The description inside this .glb is not valid JSON. Export the model again.')
  }
  const json = objectOf(value, 'document')
  const version = ownValue(objectOf(ownValue(json, 'asset'), 'asset'), 'version')
  if (typeof version === 'string' && /^2\.\d+$/.test(version)) return json
  throw glbError(
    'GLB_VERSION',
    `This model says it is glTF ${String(version).slice(0, 20)}; version 2 is needed. Export it as glTF 2.0.`,
  )
}

function truncated(expected: number, view: DataView): Error {
  return glbError(
    'GLB_TRUNCATED',
    `This .glb is cut off: it should have ${expected} bytes and has ${view.byteLength}. Fetch or export it again.`,
    { expected, got: view.byteLength },
  )
}
