import { ADDRESS_REPEAT, type GraphicsDevice, PIXELFORMAT_RGBA8, Texture } from 'playcanvas'
import { mix32 } from './palette.ts'

const SIZE = 256

/** Smooth noise that repeats without a seam: several octaves of a lattice, values around 128. */
export function createGrainPixels(): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(SIZE * SIZE * 4)
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      let value = 0
      for (let octave = 0; octave < 5; octave++) value += lattice(x, y, 8 << octave, octave) * 0.5 ** octave
      const byte = Math.round(255 * (value / 1.9375))
      out.fill(byte, 4 * (y * SIZE + x), 4 * (y * SIZE + x) + 4)
    }
  }
  return out
}

/** Value noise in 0..1 over `cells` × `cells` lattice cells, wrapping at the texture's border. */
function lattice(x: number, y: number, cells: number, octave: number): number {
  const step = SIZE / cells
  const [cx, cy] = [Math.floor(x / step), Math.floor(y / step)]
  const [fx, fy] = [smooth(x / step - cx), smooth(y / step - cy)]
  const at = (i: number, k: number) =>
    (mix32(((i + cells) % cells) + 977 * ((k + cells) % cells) + 77_003 * octave) & 0xffff) / 0xffff
  const top = at(cx, cy) * (1 - fx) + at(cx + 1, cy) * fx
  const bottom = at(cx, cy + 1) * (1 - fx) + at(cx + 1, cy + 1) * fx
  return top * (1 - fy) + bottom * fy
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t)
}

export function createGrainTexture(device: GraphicsDevice): Texture {
  return new Texture(device, {
    name: 'land-grain',
    width: SIZE,
    height: SIZE,
    format: PIXELFORMAT_RGBA8,
    mipmaps: true,
    anisotropy: 4,
    addressU: ADDRESS_REPEAT,
    addressV: ADDRESS_REPEAT,
    levels: [createGrainPixels()],
  })
}
