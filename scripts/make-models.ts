// Makes the plain models of the sample world: node scripts/make-models.ts
// Each is a few hundred flat-shaded triangles from the shapes of lib/low-poly.ts, the same bytes each time.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  ball,
  box,
  gable,
  lathe,
  type Material,
  move,
  type Part,
  type Triangle,
  turn,
  type Vec3,
  writeGlb,
} from './lib/low-poly.ts'
import { ROOT } from './lib/root.ts'

const STONE: Material = { name: 'stone', colour: '#b9b3a6' }
const PLASTER: Material = { name: 'plaster', colour: '#f2ead9' }
const RED: Material = { name: 'red', colour: '#b5473a' }
const WOOD: Material = { name: 'wood', colour: '#7a563b' }
const SLATE: Material = { name: 'slate', colour: '#4b5560' }
const IRON: Material = { name: 'iron', colour: '#2c3238', roughness: 0.5, metalness: 0.6 }
const LEAF: Material = { name: 'leaf', colour: '#5f8f4a' }
const NEEDLE: Material = { name: 'needle', colour: '#3d6b50' }
const WATER: Material = { name: 'water', colour: '#4f9cc0', roughness: 0.15 }
const GLOW: Material = { name: 'glow', colour: '#ffe2a0', glow: '#ffc860' }
const MOONSTONE: Material = { name: 'moonstone', colour: '#dcd9d0', glow: '#2b2a26' }
const FUR: Material = { name: 'fur', colour: '#c96a2e' }
const WHITE: Material = { name: 'white', colour: '#f4eee4' }
const DARK: Material = { name: 'dark', colour: '#2b211c' }

const part = (material: Material, ...shapes: readonly (readonly Triangle[])[]): Part => ({
  material,
  triangles: shapes.flat(),
})

/** Bumps that look grown, the same for every run. */
const wobble =
  (radius: number, amount: number, seed: number) =>
  ([x, y, z]: Vec3): number =>
    radius * (1 + amount * Math.sin(5 * x + seed) * Math.cos(4 * y + 2 * seed) * Math.sin(6 * z - seed))

function lantern(): Part[] {
  const bars = [45, 135, 225, 315].map((degrees) =>
    turn(box([0, 4.1, 1.02], [0.12, 1.9, 0.12]), 'y', degrees),
  )
  return [
    part(
      STONE,
      lathe(
        [
          [1.3, 0],
          [1.3, 0.3],
          [0.9, 0.5],
          [0, 0.5],
        ],
        8,
      ),
    ),
    part(
      IRON,
      lathe(
        [
          [0.32, 0.5],
          [0.16, 1],
          [0.16, 3.5],
          [0.5, 3.7],
          [0.85, 4],
          [0.85, 4.12],
          [0, 4.12],
        ],
        12,
      ),
      lathe(
        [
          [0, 5.95],
          [1.2, 5.95],
          [1.2, 6.08],
          [0.45, 6.8],
          [0.14, 6.95],
          [0.14, 7.2],
          [0, 7.35],
        ],
        4,
      ),
      ...bars,
    ),
    part(
      GLOW,
      lathe(
        [
          [0, 4.13],
          [0.62, 4.2],
          [0.78, 5.9],
          [0, 5.93],
        ],
        8,
      ),
    ),
  ]
}

function tree(): Part[] {
  const crowns: readonly (readonly [Vec3, number])[] = [
    [[0, 6.2, 0], 2.3],
    [[1.5, 5, 0.4], 1.7],
    [[-1.4, 5.2, -0.4], 1.7],
    [[0.2, 4.9, 1.5], 1.5],
    [[-0.3, 5, -1.5], 1.5],
  ]
  return [
    part(
      WOOD,
      lathe(
        [
          [0.75, 0],
          [0.45, 0.7],
          [0.36, 2.4],
          [0.3, 4.6],
          [0, 5],
        ],
        8,
      ),
    ),
    part(LEAF, ...crowns.map(([at, radius], i) => move(ball(wobble(radius, 0.12, i), 2), at))),
  ]
}

function pine(): Part[] {
  const tiers = [
    [2.3, 1.4, 4.2],
    [1.9, 3.4, 6],
    [1.5, 5.2, 7.6],
    [1, 6.9, 9.4],
  ] as const
  return [
    part(
      WOOD,
      lathe(
        [
          [0.4, 0],
          [0.28, 1.8],
          [0, 2],
        ],
        7,
      ),
    ),
    part(
      NEEDLE,
      ...tiers.map(([radius, low, high]) =>
        lathe(
          [
            [0, low + 0.35],
            [radius, low],
            [0, high],
          ],
          9,
        ),
      ),
    ),
  ]
}

function lighthouse(): Part[] {
  const radiusAt = (y: number) => 2.1 - 0.07 * y
  const band = (low: number, high: number) =>
    lathe(
      [
        [radiusAt(low), low],
        [radiusAt(high), high],
      ],
      16,
    )
  return [
    part(
      STONE,
      lathe(
        [
          [3.6, 0],
          [3.4, 0.8],
          [2.5, 1],
          [0, 1],
        ],
        10,
      ),
    ),
    part(PLASTER, band(1, 4), band(7, 10)),
    part(RED, band(4, 7), band(10, 13)),
    part(
      IRON,
      lathe(
        [
          [0, 12.9],
          [1.9, 13],
          [1.9, 13.25],
          [0, 13.25],
        ],
        16,
      ),
      lathe(
        [
          [0, 15.6],
          [1.45, 15.6],
          [0.2, 16.8],
          [0, 17.4],
        ],
        16,
      ),
    ),
    part(
      GLOW,
      lathe(
        [
          [0.95, 13.25],
          [0.95, 15.6],
        ],
        8,
      ),
    ),
    part(
      DARK,
      box([0, 1, 1.95], [0.9, 1.7, 0.3]),
      box([0, 5.4, 1.7], [0.5, 0.8, 0.2]),
      box([0, 8.6, 1.48], [0.5, 0.8, 0.2]),
    ),
  ]
}

function house(): Part[] {
  const windows = [-1.9, 1.9].map((x) => box([x, 1.4, 2.42], [1, 1.1, 0.1]))
  const sides = [-3.02, 3.02].map((x) => box([x, 1.4, 0], [0.1, 1.1, 1.2]))
  return [
    part(STONE, box([0, 0, 0], [6.6, 0.3, 5.4]), box([1.9, 4.2, -0.9], [0.8, 2.5, 0.8])),
    part(PLASTER, box([0, 0.3, 0], [6, 3.1, 4.8]), gable([0, 3.4, 0], [6, 2.2, 4.8])),
    part(SLATE, ...roofSlabs()),
    part(WOOD, box([0, 0.3, 2.42], [1.1, 2.1, 0.14])),
    part(GLOW, ...windows, ...sides),
  ]
}

/** Two boards over the gable: rise 2.2 over half a depth of 2.4 is 42.5°. */
function roofSlabs(): Triangle[][] {
  return [1, -1].map((side) => {
    const slab = turn(box([0, 0, 0], [7, 0.22, 3.9]), 'x', side * 42.5)
    return move(slab, [0, 4.42, side * 1.45])
  })
}

function moon(): Part[] {
  const craters: readonly (readonly [Vec3, number])[] = [
    [[0.4, 0.5, 0.77], 0.42],
    [[-0.6, 0.2, 0.77], 0.34],
    [[0.1, -0.5, 0.86], 0.3],
    [[0.85, -0.2, 0.48], 0.36],
    [[-0.3, 0.85, 0.43], 0.26],
    [[-0.8, -0.4, -0.45], 0.5],
    [[0.5, 0.2, -0.84], 0.45],
    [[-0.75, -0.35, 0.55], 0.24],
  ]
  const radius = (direction: Vec3): number => {
    let depth = 0
    for (const [[x, y, z], size] of craters) {
      const distance = Math.hypot(direction[0] - x, direction[1] - y, direction[2] - z) / size
      if (distance < 1) depth += size * 0.55 * (1 - distance ** 2)
      else if (distance < 1.3) depth -= size * 0.3 * (1.3 - distance)
    }
    return 3.2 - depth
  }
  return [
    part(
      STONE,
      lathe(
        [
          [2, 0],
          [1.9, 0.5],
          [1.1, 0.7],
          [0.5, 1.4],
          [0.45, 3],
          [0, 3],
        ],
        10,
      ),
    ),
    part(MOONSTONE, move(ball(radius, 3), [0, 5.6, 0])),
  ]
}

function fox(): Part[] {
  const leg = (x: number, z: number) => box([x, 0.45, z], [0.42, 1.7, 0.46], 1.25)
  const paw = (x: number, z: number) => box([x, 0.4, z + 0.06], [0.46, 0.36, 0.62])
  const ear = (x: number) =>
    move(
      turn(
        lathe(
          [
            [0.34, 0],
            [0, 0.95],
          ],
          4,
        ),
        'z',
        -x * 14,
      ),
      [x * 0.46, 4.5, 1.75],
    )
  const snout = turn(
    lathe(
      [
        [0.62, 0],
        [0.2, 1.15],
        [0, 1.2],
      ],
      6,
    ),
    'x',
    90,
  )
  const tail = turn(
    lathe(
      [
        [0.12, 0],
        [0.55, 1],
        [0.62, 1.8],
        [0.4, 2.4],
      ],
      8,
    ),
    'x',
    -58,
  )
  const tip = turn(
    lathe(
      [
        [0.4, 2.4],
        [0, 3.2],
      ],
      8,
    ),
    'x',
    -58,
  )
  const body = turn(
    lathe(
      [
        [0, -1.75],
        [0.72, -1.4],
        [0.85, -0.4],
        [0.78, 0.6],
        [0.92, 1.4],
        [0, 2],
      ],
      8,
    ),
    'x',
    90,
  )
  return [
    part(
      STONE,
      lathe(
        [
          [3, 0],
          [2.9, 0.4],
          [0, 0.4],
        ],
        10,
      ),
    ),
    part(
      FUR,
      move(body, [0, 2.6, -0.2]),
      leg(-0.45, 1.15),
      leg(0.45, 1.15),
      leg(-0.45, -1.35),
      leg(0.45, -1.35),
      move(ball(wobble(0.92, 0.05, 1), 1), [0, 4, 1.85]),
      move(
        turn(
          lathe(
            [
              [0.6, -0.2],
              [0.55, 1.2],
            ],
            8,
          ),
          'x',
          35,
        ),
        [0, 2.9, 1.15],
      ),
      ear(-1),
      ear(1),
      move(tail, [0, 2.9, -1.75]),
    ),
    part(
      WHITE,
      move(snout, [0, 3.75, 2.45]),
      move(tip, [0, 2.9, -1.75]),
      box([0, 2.2, 1.62], [0.75, 1.1, 0.35], 0.7),
    ),
    part(
      DARK,
      paw(-0.45, 1.15),
      paw(0.45, 1.15),
      paw(-0.45, -1.35),
      paw(0.45, -1.35),
      move(ball(0.17, 1), [0, 3.75, 3.62]),
      move(ball(0.13, 1), [-0.38, 4.22, 2.66]),
      move(ball(0.13, 1), [0.38, 4.22, 2.66]),
    ),
  ]
}

function fountain(): Part[] {
  const basin = (radius: number, y: number, height: number): Triangle[] =>
    lathe(
      [
        [radius * 0.86, y],
        [radius, y + height],
        [radius * 0.9, y + height],
        [radius * 0.82, y + height * 0.6],
      ],
      20,
    )
  const surface = (radius: number, y: number) =>
    lathe(
      [
        [radius, y],
        [0, y],
      ],
      20,
    )
  const column = (radius: number, low: number, high: number) =>
    lathe(
      [
        [radius * 1.4, low],
        [radius, low + 0.3],
        [radius, high - 0.2],
        [radius * 1.6, high],
      ],
      12,
    )
  const streams = [0, 60, 120, 180, 240, 300].map((degrees) =>
    turn(
      turn(
        move(
          lathe(
            [
              [0.05, 0],
              [0.09, 1.9],
              [0, 2],
            ],
            5,
          ),
          [0, 0, 1.75],
        ),
        'x',
        0,
      ),
      'y',
      degrees,
    ),
  )
  return [
    part(
      STONE,
      lathe(
        [
          [4.6, 0],
          [4.6, 0.15],
          [0, 0.15],
        ],
        20,
      ),
      basin(4.2, 0.15, 0.9),
      column(0.5, 0.15, 2.4),
      basin(2, 2.3, 0.7),
      column(0.25, 2.6, 4),
      basin(0.9, 3.9, 0.4),
    ),
    part(
      WATER,
      surface(3.7, 0.85),
      surface(1.7, 2.85),
      surface(0.75, 4.2),
      lathe(
        [
          [0.12, 4.2],
          [0.2, 4.8],
          [0, 5.3],
        ],
        6,
      ),
      ...streams.map((stream) => move(stream, [0, 0.8, 0])),
    ),
  ]
}

function windmill(): Part[] {
  const blade = [...box([0, 0.3, 0], [0.16, 5.2, 0.14]), ...box([0.55, 1.1, 0], [0.95, 4.2, 0.06])]
  const sails = [20, 110, 200, 290].map((degrees) => move(turn(blade, 'z', degrees), [0, 9.3, 2.75]))
  return [
    part(
      STONE,
      lathe(
        [
          [3.1, 0],
          [3, 0.9],
          [0, 0.9],
        ],
        8,
      ),
    ),
    part(
      PLASTER,
      lathe(
        [
          [2.75, 0.9],
          [1.95, 8.2],
        ],
        8,
      ),
    ),
    part(
      SLATE,
      lathe(
        [
          [2.35, 8.1],
          [2.2, 8.5],
          [1.6, 9.8],
          [0, 11],
        ],
        8,
      ),
    ),
    part(
      WOOD,
      ...sails,
      move(
        turn(
          lathe(
            [
              [0.3, -0.6],
              [0.3, 1.2],
              [0, 1.3],
            ],
            8,
          ),
          'x',
          90,
        ),
        [0, 9.3, 1.7],
      ),
      box([0, 0.9, 2.4], [1, 1.9, 0.5]),
    ),
    part(GLOW, box([0, 5.2, 1.95], [0.6, 0.9, 0.4])),
  ]
}

const MODELS: Readonly<Record<string, () => Part[]>> = {
  fountain,
  fox,
  house,
  lantern,
  lighthouse,
  moon,
  pine,
  tree,
  windmill,
}

const folder = join(ROOT, 'sample/models')
await mkdir(folder, { recursive: true })
for (const [name, build] of Object.entries(MODELS)) {
  const bytes = writeGlb(name, build())
  await writeFile(join(folder, `${name}.glb`), bytes)
  console.log(`${name}.glb: ${bytes.length} bytes`)
}
