import { glbError } from './glb-json.ts'

export type ImageMime = 'image/png' | 'image/jpeg' | 'image/webp'

export interface ImageHeader {
  readonly mime: ImageMime
  /** pixels */
  readonly width: number
  readonly height: number
}

/**
 * Type and size of an image from its own header, whatever its label says: a few bytes can claim gigabytes of
 * pixels, so this comes before any decoder. Formats: PNG (ISO 15948), JPEG (T.81), WebP (RFC 9649).
 * @throws GLB_IMAGE
 */
export function readImageHeader(bytes: Uint8Array, path: string): ImageHeader {
  const header = readPng(bytes) ?? readJpeg(bytes) ?? readWebp(bytes)
  if (header !== undefined && header.width > 0 && header.height > 0) return header
  throw glbError(
    'GLB_IMAGE',
    `The model's ${path} is not a readable PNG, JPEG or WebP image. Export the model with one of these.`,
  )
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function readPng(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < 24) return undefined
  const view = viewOf(bytes)
  const isPng = view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a
  if (!isPng || view.getUint32(12) !== 0x49484452) return undefined
  return { mime: 'image/png', width: view.getUint32(16), height: view.getUint32(20) }
}

/** T.81 B.1.1.3: markers C0–CF start a frame, except C4 (tables), C8 (reserved) and CC (arithmetic tables). */
function isFrameMarker(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

function readJpeg(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined
  const view = viewOf(bytes)
  let at = 2
  while (at + 9 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined
    const marker = bytes[at + 1] as number
    if (marker === 0xff) {
      at += 1
    } else if (isFrameMarker(marker)) {
      return { mime: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
    } else {
      at += 2 + Math.max(2, view.getUint16(at + 2))
    }
  }
  return undefined
}

function readWebp(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < 30) return undefined
  const view = viewOf(bytes)
  if (view.getUint32(0) !== 0x52494646 || view.getUint32(8) !== 0x57454250) return undefined
  const size = readWebpSize(view)
  return size === undefined ? undefined : { mime: 'image/webp', ...size }
}

function readWebpSize(view: DataView): { width: number; height: number } | undefined {
  switch (view.getUint32(12)) {
    case 0x56503820: // 'VP8 ': 14 bits each, after the frame tag and start code
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    case 0x5650384c: {
      // 'VP8L': width-1 and height-1 in 14 bits each
      const bits = view.getUint32(21, true)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 0x56503858: // 'VP8X': width-1 and height-1 in 24 bits each
      return { width: 1 + readU24(view, 24), height: 1 + readU24(view, 27) }
    default:
      return undefined
  }
}

function readU24(view: DataView, at: number): number {
  return view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000
}
