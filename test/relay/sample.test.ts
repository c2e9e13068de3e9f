import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { textBlocks } from '#core/cid.ts'
import { bornAt, parcelIdOf, shareOf } from '#core/land-rule.ts'
import { MAX_QUERY_BYTES } from '#core/limits.ts'
import { checkModel, inspectGlb } from '#objects/glb.ts'
import { loadSample, parseWords, parseWorld } from '#relay/sample.ts'
import { ROOT } from '../../scripts/lib/root.ts'

const FOLDER = join(ROOT, 'sample')

describe('the sample world', () => {
  it('has the plots that the README looks at and bids on: an owned one and a free one', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
    const plotsOf = (call: RegExp) =>
      [...readme.matchAll(call)].map(([, x, y]) => bornAt({ x: Number(x), y: Number(y) })!)
    const { models } = await loadSample(FOLDER)
    const built = models.map(({ parcel }) => parcelIdOf(parcel))
    const owned = plotsOf(/land\.proven\((-?\d+), (-?\d+)\)/g)
    expect(owned).toHaveLength(1)
    for (const id of owned) expect(built).toContain(id)
    const bidOn = plotsOf(/land\.bid\((-?\d+), (-?\d+),/g)
    expect(bidOn).toHaveLength(2)
    for (const id of bidOn) {
      expect(shareOf(id)).toBe('auction')
      expect(built).not.toContain(id)
    }
  })

  it('has at least 5,000 particles, each a text that travels as a small one', async () => {
    const { texts } = await loadSample(FOLDER)
    expect(texts.length).toBeGreaterThanOrEqual(5_000)
    expect(new Set(texts).size).toBe(texts.length)
    for (const text of texts) {
      expect(text).toBe(text.normalize('NFC').trim())
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_QUERY_BYTES)
    }
    expect(textBlocks(texts[0] as string)).toHaveLength(1)
  })

  it.each(['moon', 'lantern', 'fox'])('leads from "%s" to a definition and to a model', async (word) => {
    const { texts, links, models } = await loadSample(FOLDER)
    const targets = links.filter(([from]) => texts[from] === word).map(([, to]) => texts[to])
    expect(targets.some((text) => text?.includes(' (noun): '))).toBe(true)
    expect(models.some(({ words }) => words.includes(word))).toBe(true)
  })

  it('links each pair once and nothing to itself', async () => {
    const { links } = await loadSample(FOLDER)
    expect(new Set(links.map(([from, to]) => `${from} ${to}`)).size).toBe(links.length)
    expect(links.filter(([from, to]) => from === to)).toEqual([])
  })

  it('[WO2] has only models that fit their parcels', async () => {
    const { models } = await loadSample(FOLDER)
    expect(models.length).toBeGreaterThan(10)
    for (const { bytes, placement } of models) checkModel(inspectGlb(bytes), placement)
  })

  it('takes at most 6 MB', async () => {
    const files = await readdir(FOLDER, { recursive: true })
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(FOLDER, file))).size))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(6_000_000)
  })
})

describe('a damaged sample world', () => {
  const line = 'moon|Moon\tnoun\ta light in the night\t0'

  it('reads words, definitions and pointers', () => {
    const { texts, links } = parseWords('moon|luna\tnoun\ta light\t1\nlamp\tnoun\ta small light\t\n')
    expect(texts).toEqual(['moon (noun): a light', 'lamp (noun): a small light', 'moon', 'luna', 'lamp'])
    expect(links).toEqual([
      [2, 0],
      [3, 0],
      [0, 1],
      [4, 1],
    ])
  })

  it.each([
    ['no line break at the end', line],
    ['a missing column', 'moon\tnoun\ta light\n'],
    ['a column too many', `${line}\tmore\n`],
    ['an empty definition', 'moon\tnoun\t\t0\n'],
    ['a pointer beyond the end', 'moon\tnoun\ta light\t1\n'],
    ['a pointer that is no number', 'moon\tnoun\ta light\tx\n'],
  ])('refuses words with %s', (_, tsv) => {
    expect(() => parseWords(tsv)).toThrow(expect.objectContaining({ code: 'SAMPLE_INVALID' }))
  })

  const entry = {
    file: 'fox.glb',
    cell: [0, 31],
    placement: { position: [0, 0, 0], yawDegrees: 0, scale: 1 },
    words: ['fox'],
  }
  const madeAt = '2026-11-20T00:00:00Z'
  const world = (...models: object[]) => JSON.stringify({ madeAt, models })

  it('reads a model with its parcel', () => {
    const { entries, madeAtMs } = parseWorld(world(entry))
    expect(madeAtMs).toBe(1_795_132_800_000)
    expect(entries).toMatchObject([
      { name: 'fox.glb', cell: { x: 0, y: 31 }, placement: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 } },
    ])
  })

  it.each([
    ['no JSON', '{'],
    ['no list', JSON.stringify({ madeAt, models: {} })],
    ['no date', JSON.stringify({ models: [entry] })],
    ['a date that is none', JSON.stringify({ madeAt: 'soon', models: [entry] })],
    ['a path instead of a name', world({ ...entry, file: '../fox.glb' })],
    ['a cell of the square', world({ ...entry, cell: [0, 0] })],
    ['a cell with three numbers', world({ ...entry, cell: [0, 31, 0] })],
    ['a place without size', world({ ...entry, placement: { position: [0, 0, 0], yawDegrees: 0 } })],
    ['words that are no texts', world({ ...entry, words: [1] })],
    ['one parcel twice', world(entry, entry)],
  ])('refuses a world with %s', (_, json) => {
    expect(() => parseWorld(json)).toThrow(expect.objectContaining({ code: 'SAMPLE_INVALID' }))
  })

  it('names the file that is missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tabland-sample-'))
    try {
      await writeFile(join(folder, 'words.tsv'), `${line}\n`)
      await expect(loadSample(folder)).rejects.toMatchObject({
        code: 'SAMPLE_INVALID',
        message: expect.stringContaining('world.json cannot be read'),
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
