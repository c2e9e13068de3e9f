import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAppError } from '#core/errors.ts'
import { MAX_MODEL_BYTES } from '#core/limits.ts'
import { boundsOfError, checkModel, type GlbErrorCode, inspectGlb, placedBounds } from '#objects/glb.ts'
import { cleanGlb } from '#objects/glb-clean.ts'
import { readContainer } from '#objects/glb-container.ts'
import { editModel, type GltfDocument, readModel, setWord } from './glb-fixtures.ts'

const UPRIGHT = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }

function failureOf(action: () => unknown) {
  try {
    action()
  } catch (error) {
    if (isAppError(error)) return error
    throw error
  }
  throw new Error('expected a refusal')
}

describe('inspectGlb reads', () => {
  test('a textured model', () => {
    const report = inspectGlb(readModel('WaterBottle'))
    expect(report).toMatchObject({ triangles: 4510, materials: 1, draws: 1, animations: 0, bytes: 478_896 })
    expect(report.textures).toHaveLength(5)
    expect(report.textures[0]).toMatchObject({ mime: 'image/jpeg', width: 1024, height: 1024 })
    expect(report.bounds.max[1]).toBeCloseTo(0.1302, 3)
  })

  test('bounds with node transforms, at the scene, not the mesh', () => {
    const moved = editModel('AnimatedMorphCube', (document) => {
      document.nodes = [
        { children: [1], translation: [10, 0, 0] },
        { mesh: 0, scale: [200, 300, 400], rotation: [0, Math.SQRT1_2, 0, Math.SQRT1_2] },
      ]
      document.scenes = [{ nodes: [0] }]
      delete document.animations
    })
    const { min, max } = inspectGlb(moved).bounds
    // a unit cube of half side 1: turned by 90° about y, its z (scaled by 4) lies along x
    expect([min[0], min[1], min[2]].map(Math.round)).toEqual([6, -3, -2])
    expect([max[0], max[1], max[2]].map(Math.round)).toEqual([14, 3, 2])
  })

  test('a skinned model by its joints', () => {
    const still = inspectGlb(readModel('GenericHand')).bounds
    const moved = editModel('GenericHand', (document) => {
      // glTF 3.7.3.3: the node of a skinned mesh does not move it
      const node = document.nodes.find((item: GltfDocument) => item.mesh !== undefined)
      node.translation = [50, 0, 0]
    })
    expect(inspectGlb(moved).bounds).toEqual(still)
  })

  test('animations and several parts', () => {
    expect(inspectGlb(readModel('InterpolationTest'))).toMatchObject({
      animations: 9,
      materials: 10,
      draws: 10,
    })
  })
})

const bottle = () => readModel('WaterBottle')
const cube = (change: Parameters<typeof editModel>[1]) => editModel('AnimatedMorphCube', change)

const REFUSED: readonly (readonly [name: string, code: GlbErrorCode, bytes: () => Uint8Array])[] = [
  ['nothing', 'GLB_NOT_GLB', () => new Uint8Array(0)],
  ['a PNG', 'GLB_NOT_GLB', () => new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['glTF 1', 'GLB_VERSION', () => setWord(bottle(), 4, 1)],
  [
    'a document of version 1.0',
    'GLB_VERSION',
    () =>
      cube((d) => {
        d.asset.version = '1.0'
      }),
  ],
  ['a header alone', 'GLB_TRUNCATED', () => bottle().subarray(0, 12)],
  ['half a file', 'GLB_TRUNCATED', () => bottle().subarray(0, 200_000)],
  ['all but the last byte', 'GLB_TRUNCATED', () => bottle().subarray(0, -1)],
  ['a byte too many', 'GLB_CHUNK', () => new Uint8Array([...readModel('AnimatedMorphCube'), 0])],
  ['a JSON chunk beyond the file', 'GLB_CHUNK', () => setWord(bottle(), 12, 0x7fff_fffc)],
  ['a chunk length that is no multiple of 4', 'GLB_CHUNK', () => setWord(bottle(), 12, 21)],
  ['a first chunk that is not JSON', 'GLB_CHUNK', () => setWord(bottle(), 16, 0x004e4942)],
  ['JSON cut in two', 'GLB_JSON', () => setWord(bottle(), 20, 0x20202020)],
  [
    'no asset',
    'GLB_STRUCTURE',
    () =>
      cube((d) => {
        delete d.asset
      }),
  ],
  [
    'no scene',
    'GLB_STRUCTURE',
    () =>
      cube((d) => {
        delete d.scenes
      }),
  ],
  [
    'an empty scene',
    'GLB_STRUCTURE',
    () =>
      cube((d) => {
        d.scenes = [{}]
      }),
  ],
  [
    'a missing scene',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.scene = 7
      }),
  ],
  [
    'a buffer beyond the chunk',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.buffers[0].byteLength += 1000
      }),
  ],
  [
    'a view beyond the buffer',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.bufferViews[0].byteLength = 9_999_999
      }),
  ],
  [
    'a view that starts outside',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.bufferViews[0].byteOffset = 9_999_999
      }),
  ],
  [
    'an accessor beyond its view',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.accessors[0].count = 5000
      }),
  ],
  [
    'an accessor of gigabytes',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.accessors[0] = { ...d.accessors[0], bufferView: undefined, count: 2 ** 31 }
      }),
  ],
  [
    'a negative offset',
    'GLB_STRUCTURE',
    () =>
      cube((d) => {
        d.accessors[0].byteOffset = -4
      }),
  ],
  [
    'an accessor off its alignment',
    'GLB_STRUCTURE',
    () =>
      cube((d) => {
        d.accessors[0].byteOffset = 2
        d.accessors[0].count -= 1
      }),
  ],
  [
    'a missing view',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.accessors[0].bufferView = 99
      }),
  ],
  [
    'a missing accessor',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.meshes[0].primitives[0].attributes.NORMAL = 99
      }),
  ],
  [
    'a missing material',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.meshes[0].primitives[0].material = 5
      }),
  ],
  [
    'a missing mesh',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.nodes[0].mesh = 5
      }),
  ],
  [
    'no positions',
    'GLB_STRUCTURE',
    () =>
      cube((d) => {
        delete d.meshes[0].primitives[0].attributes.POSITION
      }),
  ],
  ['an index beyond the vertices', 'GLB_BOUNDS', () => cube(writeIndex)],
  ['a position that is NaN', 'GLB_NUMBER', () => cube(writeNaN)],
  [
    'a matrix of 15 numbers',
    'GLB_NUMBER',
    () =>
      cube((d) => {
        d.nodes[0].matrix = new Array(15).fill(1)
      }),
  ],
  [
    'an infinite scale',
    'GLB_NUMBER',
    () =>
      cube((d) => {
        d.nodes[0].scale = [1e300, 1e300, 1e300]
      }),
  ],
  [
    'a buffer in another file',
    'GLB_EXTERNAL',
    () =>
      cube((d) => {
        d.buffers[0].uri = 'https://x.test/a.bin'
      }),
  ],
  [
    'an image in another file',
    'GLB_EXTERNAL',
    () =>
      editModel('WaterBottle', (d) => {
        d.images[0] = { uri: 'https://x.test/a.png' }
      }),
  ],
  [
    'an image that is none',
    'GLB_IMAGE',
    () =>
      editModel('WaterBottle', (d) => {
        d.images[0].bufferView = d.accessors[0].bufferView
      }),
  ],
  [
    'a missing texture',
    'GLB_BOUNDS',
    () =>
      editModel('WaterBottle', (d) => {
        d.materials[0].normalTexture.index = 50
      }),
  ],
  [
    'a missing image',
    'GLB_BOUNDS',
    () =>
      editModel('WaterBottle', (d) => {
        d.textures[0].source = 50
      }),
  ],
  [
    'Draco required',
    'GLB_EXTENSION',
    () =>
      cube((d) => {
        d.extensionsRequired = ['KHR_draco_mesh_compression']
      }),
  ],
  [
    'an unknown extension required',
    'GLB_EXTENSION',
    () =>
      cube((d) => {
        d.extensionsRequired = ['ACME_x']
      }),
  ],
  [
    'a node that is its own child',
    'GLB_CYCLE',
    () =>
      cube((d) => {
        d.nodes[0].children = [0]
      }),
  ],
  [
    'a node with two parents',
    'GLB_CYCLE',
    () =>
      cube((d) => {
        d.nodes.push({ children: [0] })
        d.scenes = [{ nodes: [0, d.nodes.length - 1] }]
      }),
  ],
  [
    'an animation without its times',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.animations[0].samplers[0].input = 99
      }),
  ],
  [
    'an animation of a missing node',
    'GLB_BOUNDS',
    () =>
      cube((d) => {
        d.animations[0].channels[0].target.node = 99
      }),
  ],
  [
    'too many triangles',
    'GLB_LIMIT',
    () =>
      editModel('WaterBottle', (d) => {
        d.nodes = [...d.nodes, ...structuredClone(d.nodes), ...structuredClone(d.nodes)]
        d.scenes[0].nodes = [...d.nodes.keys()]
      }),
  ],
  [
    'too many materials',
    'GLB_LIMIT',
    () =>
      cube((d) => {
        d.materials = Array.from({ length: 17 }, () => ({}))
      }),
  ],
  [
    'too many textures',
    'GLB_LIMIT',
    () =>
      editModel('WaterBottle', (d) => {
        d.textures = Array.from({ length: 17 }, () => ({ source: 0 }))
      }),
  ],
  [
    'too many images',
    'GLB_LIMIT',
    () =>
      editModel('WaterBottle', (d) => {
        d.images = Array.from({ length: 17 }, () => d.images[0])
      }),
  ],
  [
    'too many parts',
    'GLB_LIMIT',
    () =>
      cube((d) => {
        d.meshes[0].primitives = Array.from({ length: 65 }, () => d.meshes[0].primitives[0])
      }),
  ],
  [
    'too many vertices',
    'GLB_LIMIT',
    () =>
      cube((d) => {
        d.meshes[0].primitives[0].targets = Array.from(
          { length: 5000 },
          () => d.meshes[0].primitives[0].targets[0],
        )
      }),
  ],
  [
    'too many nodes',
    'GLB_LIMIT',
    () =>
      cube((d) => {
        d.nodes.push(...Array.from({ length: 1024 }, () => ({})))
      }),
  ],
  ['a texture of 8,192 pixels', 'GLB_LIMIT', () => editModel('WaterBottle', enlargeTexture)],
  ['16 MB', 'GLB_LIMIT', () => new Uint8Array(MAX_MODEL_BYTES + 1)],
]

function viewOf(bin: Uint8Array): DataView {
  return new DataView(bin.buffer, bin.byteOffset, bin.byteLength)
}

function offsetOf(document: GltfDocument, accessor: number): number {
  const { bufferView, byteOffset = 0 } = document.accessors[accessor]
  return (document.bufferViews[bufferView].byteOffset ?? 0) + byteOffset
}

function writeIndex(document: GltfDocument, bin: Uint8Array): void {
  viewOf(bin).setUint16(offsetOf(document, document.meshes[0].primitives[0].indices), 60_000, true)
}

function writeNaN(document: GltfDocument, bin: Uint8Array): void {
  viewOf(bin).setFloat32(
    offsetOf(document, document.meshes[0].primitives[0].attributes.POSITION) + 4,
    Number.NaN,
    true,
  )
}

/** Writes 8,192 into the frame header of the first JPEG. */
function enlargeTexture(document: GltfDocument, bin: Uint8Array): void {
  const start = document.bufferViews[document.images[0].bufferView].byteOffset ?? 0
  let at = start + 2
  while (bin[at + 1] !== 0xc0 && bin[at + 1] !== 0xc2) at += 2 + viewOf(bin).getUint16(at + 2)
  viewOf(bin).setUint16(at + 5, 8192)
}

describe('inspectGlb refuses', () => {
  test.each(REFUSED)('[WO2] %s: %s', (_name, code, bytes) => {
    const error = failureOf(() => inspectGlb(bytes()))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(/^[A-Z].*[.]$/)
  })

  test('[WO2] one sentence per code', () => {
    const messages = new Map(
      REFUSED.map(([, code, bytes]) => [code, failureOf(() => inspectGlb(bytes())).message]),
    )
    expect(Object.fromEntries(messages)).toMatchSnapshot()
  })

  test('[WO2] what breaks a limit says how big it is, so that its box can be drawn', () => {
    const many = cubeParts(65)
    const bounds = boundsOfError(failureOf(() => inspectGlb(many)))
    expect(bounds?.max.map(Math.round)).toEqual([1, 1, 1])
  })
})

function cubeParts(count: number): Uint8Array {
  return cube((d) => {
    d.meshes[0].primitives = Array.from({ length: count }, () => d.meshes[0].primitives[0])
  })
}

describe('checkModel', () => {
  const report = inspectGlb(readModel('AnimatedMorphCube'))

  test('[WO2] 20 m of height for one parcel, after the placement', () => {
    checkModel(report, { ...UPRIGHT, scale: 4, y: 4 })
    const error = failureOf(() => checkModel(report, { ...UPRIGHT, scale: 4, y: 17 }))
    expect(error).toMatchObject({ code: 'GLB_LIMIT', details: { limit: 'height', max: 20 } })
  })

  test('[WO2] the footprint stays in the cell, turned as it is placed', () => {
    checkModel(report, { ...UPRIGHT, scale: 5 })
    expect(failureOf(() => checkModel(report, { ...UPRIGHT, scale: 5, yawDegrees: 45 })).details.limit).toBe(
      'footprint',
    )
    expect(failureOf(() => checkModel(report, { ...UPRIGHT, x: 4.5 })).details.limit).toBe('footprint')
  })

  test('a placement that is not numbers', () => {
    for (const broken of [{ scale: 0 }, { scale: -1 }, { x: Number.NaN }, { yawDegrees: Infinity }]) {
      expect(failureOf(() => checkModel(report, { ...UPRIGHT, ...broken })).code).toBe('GLB_NUMBER')
    }
  })

  test('turns counter-clockwise seen from above', () => {
    const long = { min: [0, 0, 0], max: [2, 1, 0] } as const
    const { min, max } = placedBounds(long, { ...UPRIGHT, yawDegrees: 90 })
    expect([min[2], max[2]].map((value) => Math.round(value) + 0)).toEqual([-2, 0])
  })
})

describe('cleanGlb', () => {
  test.each(['AnimatedMorphCube', 'GenericHand', 'InterpolationTest', 'WaterBottle'] as const)(
    'keeps what %s draws',
    (name) => {
      const before = inspectGlb(readModel(name))
      const after = inspectGlb(cleanGlb(readModel(name)))
      expect(after).toMatchObject({
        triangles: before.triangles,
        textures: before.textures,
        bounds: before.bounds,
        animations: Math.min(1, before.animations),
      })
    },
  )

  test('leaves out what was not looked at', () => {
    const bytes = cube((d) => {
      d.cameras = [{}]
      d.nodes[0].camera = 0
      d.nodes[0].extensions = { EXT_mesh_gpu_instancing: {}, KHR_lights_punctual: { light: 0 } }
      d.nodes[0].hasOwnProperty = 1
      d.nodes.push({ children: [2] }, { children: [1] })
      d.scenes.push({ nodes: [0] })
      d.accessors[0].extras = { secret: true }
    })
    const text = JSON.stringify(readContainer(cleanGlb(bytes)).json)
    expect(text).not.toMatch(/camera|lights|instancing|hasOwnProperty|secret/)
    expect(JSON.parse(text)).toMatchObject({
      scenes: [{ nodes: [0] }],
      nodes: [{ name: 'n0' }, { name: 'n1' }, { name: 'n2' }],
    })
    expect(JSON.parse(text).nodes[1].children).toBeUndefined()
  })

  test('writes true boxes over false ones', () => {
    const bytes = cube((d) => {
      const { POSITION } = d.meshes[0].primitives[0].attributes
      Object.assign(d.accessors[POSITION], { min: [0, 0, 0], max: [0, 0, 0] })
    })
    const json = readContainer(cleanGlb(bytes)).json as GltfDocument
    const { POSITION } = json.meshes[0].primitives[0].attributes
    expect(json.accessors[POSITION].max[0]).toBeCloseTo(0.01, 4)
  })

  test('refuses a nest deeper than glTF has', () => {
    const bytes = cube((d) => {
      let deep: GltfDocument = {}
      for (let i = 0; i < 40; i++) deep = { deep }
      d.samplers = [deep]
    })
    expect(failureOf(() => cleanGlb(bytes)).code).toBe('GLB_STRUCTURE')
  })
})

describe('hostile bytes', () => {
  const model = readModel('AnimatedMorphCube')
  /** Refused with one of our errors, or read; never a crash of another kind. */
  const survives = (bytes: Uint8Array) => {
    try {
      inspectGlb(bytes)
      inspectGlb(cleanGlb(bytes))
    } catch (error) {
      if (!isAppError(error) || !error.code.startsWith('GLB_')) throw error
    }
  }

  test('every truncation is refused', () => {
    for (let length = 0; length < model.length; length += 7) {
      expect(failureOf(() => inspectGlb(model.subarray(0, length))).code).toMatch(/^GLB_(NOT_GLB|TRUNCATED)$/)
    }
  })

  test('random changes of bytes', () => {
    const change = fc.tuple(fc.nat(model.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const bytes = new Uint8Array(model)
        for (const [at, value] of changes) bytes[at] = value
        survives(bytes)
      }),
      { numRuns: 600 },
    )
  })

  test('random values anywhere in the document', () => {
    const { json } = readContainer(model)
    const paths = pathsOf(json, [])
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.constantFrom(null, '', [], {}, [[]], -1, 2 ** 40, true),
    )
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, replacement) => {
        survives(cube((document) => setAt(document, path, replacement)))
      }),
      { numRuns: 1500 },
    )
  })
})

function pathsOf(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return path.length > 0 ? [path] : []
  const inner = Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))
  return path.length > 0 ? [path, ...inner] : inner
}

function setAt(document: GltfDocument, path: readonly string[], value: unknown): void {
  let target = document
  for (const key of path.slice(0, -1)) target = target[key]
  target[path.at(-1) as string] = value
}
