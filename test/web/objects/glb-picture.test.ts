import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isAppError } from '#core/errors.ts'
import { inspectGlb } from '#objects/glb.ts'
import { readContainer, writeContainer } from '#objects/glb-container.ts'
import { drawGlb, MAX_PICTURE_SIDE, type PixelImage } from '#objects/glb-picture.ts'
import { editModel, type GltfDocument, readModel } from './glb-fixtures.ts'

const SIZE = { width: 64, height: 48 }

function pixel({ width, rgba }: PixelImage, x: number, y: number): number[] {
  return [...rgba.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)]
}

const centre = (image: PixelImage): number[] => pixel(image, image.width / 2, image.height / 2)

/** The cube in one colour, or whatever else its material is. */
function cube(material: GltfDocument, change: (document: GltfDocument) => void = () => {}) {
  return editModel('AnimatedMorphCube', (document) => {
    document.materials = [material]
    change(document)
  })
}

const red = (alpha = 1) => ({ pbrMetallicRoughness: { baseColorFactor: [0.8, 0.05, 0.05, alpha] } })

async function codeOf(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (isAppError(error)) return error.code
  throw error ?? new Error('expected a refusal')
}

describe('drawGlb', () => {
  test('draws a cube in its colour on nothing', async () => {
    const image = await drawGlb(cube(red()), SIZE)
    expect(image.rgba).toHaveLength(4 * SIZE.width * SIZE.height)
    const [r = 0, g = 0, b = 0, a = 0] = centre(image)
    expect(a).toBe(255)
    expect(r).toBeGreaterThan(2 * Math.max(g, b))
    for (const x of [0, SIZE.width - 1]) {
      for (const y of [0, SIZE.height - 1]) expect(pixel(image, x, y)).toEqual([0, 0, 0, 0])
    }
  })

  test('lights its top more than its front, and its front more than its side', async () => {
    const image = await drawGlb(cube(red()), { width: 64, height: 64 })
    const [top = 0, front = 0, side = 0] = [
      pixel(image, 32, 12),
      pixel(image, 18, 38),
      pixel(image, 48, 38),
    ].map(([r]) => r)
    expect(top).toBeGreaterThan(front)
    expect(front).toBeGreaterThan(side)
    expect(side).toBeGreaterThan(0)
  })

  test('gives the same pixels each time', async () => {
    const bytes = readModel('WaterBottle')
    expect(await drawGlb(bytes, SIZE)).toEqual(await drawGlb(bytes, SIZE))
  })

  test('fits what is drawn, wherever its node puts it and however large', async () => {
    const moved = cube(red(), (document) => {
      delete document.animations
      document.nodes = [{ mesh: 0, translation: [1000, -50, 7], scale: [40, 40, 40] }]
      document.scenes = [{ nodes: [0] }]
    })
    const still = cube(red(), (document) => {
      delete document.animations
      document.nodes = [{ mesh: 0 }]
      document.scenes = [{ nodes: [0] }]
    })
    const [a, b] = [await drawGlb(moved, SIZE), await drawGlb(still, SIZE)]
    const different = a.rgba.filter((byte, i) => Math.abs(byte - (b.rgba[i] as number)) > 2)
    expect(different.length).toBeLessThan(a.rgba.length / 100)
  })

  test('draws flat sides without normals', async () => {
    const plain = cube(red(), (document) => {
      delete document.meshes[0].primitives[0].attributes.NORMAL
    })
    const [a, b] = [await drawGlb(plain, SIZE), await drawGlb(cube(red()), SIZE)]
    expect(centre(a)).toEqual(centre(b))
  })

  test('sees through what blends, and not through what only says so', async () => {
    const seen = await drawGlb(cube({ ...red(0.25), alphaMode: 'BLEND' }), SIZE)
    // two sides lie over each other: 1 - 0.75²
    expect(centre(seen)[3]).toBeCloseTo(255 * 0.4375, -1)
    expect(centre(await drawGlb(cube(red(0.25)), SIZE))[3]).toBe(255)
    const masked = await drawGlb(cube({ ...red(0.25), alphaMode: 'MASK' }), SIZE)
    expect(masked.rgba.every((byte) => byte === 0)).toBe(true)
  })

  test('draws a skinned model by its joints', async () => {
    const image = await drawGlb(readModel('GenericHand'), SIZE)
    expect(image.rgba.some((byte, i) => i % 4 === 3 && byte === 255)).toBe(true)
  })

  test('lays the base colour image alone over a model', async () => {
    const asked: string[] = []
    const image = await drawGlb(readModel('WaterBottle'), {
      ...SIZE,
      decodeImage: async ({ bytes, mime, width, height }) => {
        asked.push(`${mime} ${width}×${height}`)
        expect([...bytes.subarray(0, 2)]).toEqual([0xff, 0xd8])
        return { width: 1, height: 1, rgba: Uint8ClampedArray.of(0, 0, 255, 255) }
      },
    })
    expect(asked).toEqual(['image/jpeg 1024×1024'])
    const [r, g, b = 0, a] = centre(image)
    expect([r, g, a]).toEqual([0, 0, 255])
    expect(b).toBeGreaterThan(50)
  })

  test('goes on without an image that cannot be decoded', async () => {
    const image = await drawGlb(readModel('WaterBottle'), { ...SIZE, decodeImage: async () => undefined })
    expect(centre(image)[3]).toBe(255)
  })

  test('draws a fox of the sample in the colour of its fur', async () => {
    const bytes = new Uint8Array(readFileSync(new URL('../../../sample/models/fox.glb', import.meta.url)))
    const image = await drawGlb(bytes, { width: 96, height: 96 })
    let orange = 0
    for (let i = 0; i < image.rgba.length; i += 4) {
      const [r = 0, g = 0, b = 0] = image.rgba.subarray(i, i + 3)
      if (r > 1.6 * g && g > 1.2 * b) orange++
    }
    expect(orange).toBeGreaterThan(500)
    expect(pixel(image, 0, 0)[3]).toBe(0)
  })

  test('[WO2] refuses what inspectGlb refuses', async () => {
    expect(await codeOf(drawGlb(new Uint8Array(12), SIZE))).toBe('GLB_NOT_GLB')
    expect(await codeOf(drawGlb(readModel('WaterBottle').subarray(0, 5000), SIZE))).toBe('GLB_TRUNCATED')
  })

  test('says that lines alone are nothing to draw', async () => {
    const lines = cube(red(), (document) => {
      document.meshes[0].primitives[0].mode = 1
    })
    expect(await codeOf(drawGlb(lines, SIZE))).toBe('GLB_STRUCTURE')
  })

  test('[WO2] bounds the work on surfaces that lie over each other', async () => {
    // 6,000 triangles on the first three corners, each half of a side of the cube
    const { json, bin } = readContainer(cube(red()))
    const document = structuredClone(json) as GltfDocument
    const indices = Uint16Array.from({ length: 18_000 }, (_, i) => i % 3)
    const start = Math.ceil(bin.length / 4) * 4
    const longer = new Uint8Array(start + indices.byteLength)
    longer.set(bin)
    longer.set(new Uint8Array(indices.buffer), start)
    document.buffers[0].byteLength = longer.length
    const view =
      document.bufferViews.push({ buffer: 0, byteOffset: start, byteLength: indices.byteLength }) - 1
    document.meshes[0].primitives[0].indices =
      document.accessors.push({
        bufferView: view,
        componentType: 5123,
        type: 'SCALAR',
        count: indices.length,
      }) - 1
    const dense = writeContainer({ json: document, bin: longer })
    expect(inspectGlb(dense).triangles).toBe(6000)
    expect(await codeOf(drawGlb(dense, SIZE))).toBe('GLB_LIMIT')
  })

  test.each([0, 1.5, MAX_PICTURE_SIDE + 1])('takes no side of %d pixels', async (width) => {
    await expect(drawGlb(cube(red()), { width, height: 8 })).rejects.toThrow(RangeError)
  })
})
