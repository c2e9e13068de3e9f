import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, ByteWriter, concat, toHex, utf8 } from '#core/bytes.ts'
import { normaliseFolder } from '#core/folder-path.ts'
import { MAX_FOLDER_FILES, MAX_FOLDER_PATH_BYTES, MAX_SEALED_TABLE_BYTES } from '#core/limits.ts'
import { RawWriter } from '#objects/raw-writer.ts'
import {
  decodeFolderTable,
  encodeFolderTable,
  type FolderRow,
  folderTableEnd,
  inTableOrder,
} from '#objects/sealed-folder.ts'
import { MAX_INPUT_MS } from '#test/fuzz/fuzz.ts'

const ROWS: readonly FolderRow[] = [
  { path: 'img/a.png', mime: 'image/png', bytes: 1_000 },
  { path: 'index.html', mime: 'text/html', bytes: 0 },
  { path: 'notes', bytes: 70_000 },
]

const sizeOf = (rows: readonly FolderRow[]) => rows.reduce((sum, { bytes }) => sum + bytes, 0)

function decode(rows: readonly FolderRow[], table = encodeFolderTable(rows)) {
  return decodeFolderTable(table, table.length + sizeOf(rows))
}

/** A table as a foreign author may write it: rows as they are, by nobody's rules. */
function writeTable(rows: readonly { path: string; mime?: string; bytes: number | bigint }[]): Bytes {
  const writer = new RawWriter().size(rows.length)
  for (const { path, mime, bytes } of rows) {
    writer.text(path).bool(mime !== undefined)
    if (mime !== undefined) writer.text(mime)
    writer.u64(BigInt(bytes))
  }
  const table = writer.finish()
  return concat(new ByteWriter(4).u32(table.length).finish(), table)
}

const invalid = (message: string | RegExp) =>
  expect.objectContaining({ code: 'OBJECT_INVALID', message: expect.stringMatching(message) })

describe('[OB11] the table of a restricted folder', () => {
  it('tells of each file where it lies', () => {
    const table = encodeFolderTable(ROWS)
    const files = decode(ROWS)
    expect([...files.keys()]).toEqual(['img/a.png', 'index.html', 'notes'])
    expect(files.get('img/a.png')).toEqual({ ...ROWS[0], offset: table.length })
    expect(files.get('notes')).toEqual({ path: 'notes', bytes: 70_000, offset: table.length + 1_000 })
    for (const other of ['img', 'img/', 'a.png', '', 'constructor']) expect(files.get(other)).toBeUndefined()
    expect([...decode([])]).toEqual([])
  })

  it('[OB5] has one form, whatever order the files came in, and gives them back', () => {
    const segment = fc.stringMatching(/^[a-z0-9éß日 .-]{1,12}$/).filter((text) => !/^\.{1,2}$/.test(text))
    const rows = fc.uniqueArray(
      fc.record({
        path: fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('/')}.x`),
        bytes: fc.nat(2 ** 30),
      }),
      { selector: ({ path }) => path.normalize('NFC'), maxLength: 40 },
    )
    fc.assert(
      fc.property(rows, fc.func(fc.integer()), (all, shuffle) => {
        const normal = normaliseFolder(all)
        const table = encodeFolderTable(normal)
        const shuffled = [...normal].sort((a, b) => shuffle(a.path) - shuffle(b.path))
        expect(toHex(encodeFolderTable(shuffled))).toBe(toHex(table))
        const files = [...decode(normal, table).values()]
        expect(files.map(({ path, bytes }) => ({ path, bytes }))).toEqual(inTableOrder(normal))
        let at = table.length
        for (const { offset, bytes } of files) {
          expect(offset).toBe(at)
          at += bytes
        }
      }),
    )
  })

  it('orders by UTF-8, as folders for everybody do', () => {
    // UTF-16 would put the picture first
    expect(inTableOrder([{ path: '\u{1f5bc}' }, { path: '\uff5e' }]).map(({ path }) => path)).toEqual([
      '\uff5e',
      '\u{1f5bc}',
    ])
  })

  it('[OB5] with any flipped bit is refused, or is the one table of other files', () => {
    const table = encodeFolderTable(ROWS)
    const total = table.length + sizeOf(ROWS)
    let others = 0
    for (let bit = 0; bit < 8 * table.length; bit++) {
      const flipped = table.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      try {
        const files = [...decodeFolderTable(flipped, total).values()]
        expect(toHex(encodeFolderTable(files))).toBe(toHex(flipped))
        others++
      } catch (error) {
        expect(error).toEqual(invalid(/^The object is not valid: /))
      }
    }
    // letters of names and types; most bits say more than that
    expect(others).toBeLessThan(4 * table.length)
  })

  it('cut off or with more behind it is refused', () => {
    const table = encodeFolderTable(ROWS)
    const total = table.length + sizeOf(ROWS)
    for (let end = 0; end < table.length; end++) {
      expect(() => decodeFolderTable(table.subarray(0, end), total)).toThrow(invalid('folder.length'))
      const claim = concat(new ByteWriter(4).u32(Math.max(0, end - 4)).finish(), table.subarray(4, end))
      expect(() => decodeFolderTable(claim, total), `cut at ${end}`).toThrow(invalid('folder'))
    }
    expect(() => decodeFolderTable(concat(table, new Uint8Array(1)), total + 1)).toThrow(invalid('length'))
    for (const off of [-1, 1]) expect(() => decodeFolderTable(table, total + off)).toThrow(invalid('files'))
  })

  it.each<[string, Parameters<typeof writeTable>[0], RegExp]>([
    ['a path out of the folder', [{ path: '../a', bytes: 1 }], /folder\.files\[0\]\.path.*"\.\.\/a"/],
    ['an absolute path', [{ path: '/a', bytes: 1 }], /files\[0\]\.path/],
    ['no path', [{ path: '', bytes: 1 }], /files\[0\]\.path/],
    ['a path that is not in NFC', [{ path: 'cafe\u0301', bytes: 1 }], /files\[0\]\.path/],
    ['a backslash', [{ path: 'a\\b', bytes: 1 }], /files\[0\]\.path/],
    ['a path of 1,025 bytes', [{ path: `x${'/xxx'.repeat(256)}`, bytes: 1 }], /files\[0\]\.path/],
    ['a media type that is none', [{ path: 'a', mime: 'text', bytes: 1 }], /mime.*"text"/],
    ['a media type with more', [{ path: 'a', mime: 'text/html\r\nX: y', bytes: 1 }], /mime/],
    [
      'another order',
      [
        { path: 'b', bytes: 1 },
        { path: 'a', bytes: 1 },
      ],
      /files\[1\].*ascending/,
    ],
    [
      'one path twice',
      [
        { path: 'a', bytes: 1 },
        { path: 'a', bytes: 1 },
      ],
      /files\[1\].*ascending/,
    ],
    [
      'a file that is a folder',
      [
        { path: 'a', bytes: 1 },
        { path: 'a!', bytes: 1 },
        { path: 'a/b', bytes: 1 },
      ],
      /"a" as file and folder/,
    ],
    [
      'a length that no number holds',
      [{ path: 'a', bytes: 2n ** 64n - 1n }],
      /files of 18446744073709551615/,
    ],
  ])('of a foreign author with %s is refused', (_, rows, message) => {
    const table = writeTable(rows)
    const bytes = rows.reduce((sum, row) => sum + Number(row.bytes), 0)
    const total = table.length + (bytes < 2 ** 50 ? bytes : 7)
    expect(() => decodeFolderTable(table, total)).toThrow(invalid(message))
  })

  it('that claims to be longer than any, or than its content, is refused before it is read', () => {
    const start = (length: number) => new ByteWriter(4).u32(length).finish()
    expect(folderTableEnd(start(96), 100)).toBe(100)
    expect(() => folderTableEnd(start(97), 100)).toThrow(invalid('at most 96, got 97'))
    expect(() => folderTableEnd(start(MAX_SEALED_TABLE_BYTES + 1), 2 ** 30)).toThrow(invalid('at most'))
    for (const short of [0, 3]) {
      expect(() => folderTableEnd(new Uint8Array(short), short)).toThrow(invalid(`got ${short} bytes`))
    }
  })

  it('[OB12] has room for every folder that may be published, and is read within the bound', () => {
    const deep = (at: number) => `${at}`.padEnd(4, 'x') + '/dir'.repeat(MAX_FOLDER_PATH_BYTES / 4 - 1)
    const mime = `${'m'.repeat(64)}/${'m'.repeat(64)}`
    for (const pathOf of [deep, (at: number) => `${at}`.padStart(250, 'x')]) {
      const rows = Array.from({ length: MAX_FOLDER_FILES }, (_, at) => ({
        path: pathOf(at),
        mime,
        bytes: at,
      }))
      const table = encodeFolderTable(rows)
      expect(table.length - 4).toBeLessThanOrEqual(MAX_SEALED_TABLE_BYTES)
      // the processor's time: what else runs on the machine does not count
      const times = Array.from({ length: 5 }, () => {
        const start = process.cpuUsage()
        expect(decode(rows, table).size).toBe(MAX_FOLDER_FILES)
        const { user, system } = process.cpuUsage(start)
        return (user + system) / 1_000
      })
      console.log(`${table.length} bytes in ${times.map((ms) => ms.toFixed(1)).join(', ')} ms`)
      expect(Math.min(...times)).toBeLessThan(MAX_INPUT_MS)
    }
    const more = Array.from({ length: MAX_FOLDER_FILES + 1 }, (_, at) => ({ path: `${at}`, bytes: 0 }))
    expect(() => encodeFolderTable(more)).toThrow(invalid(`${MAX_FOLDER_FILES + 1} files`))
    const foreign = writeTable([...more].sort((a, b) => Buffer.compare(utf8(a.path), utf8(b.path))))
    expect(() => decodeFolderTable(foreign, foreign.length)).toThrow(invalid(`at most ${MAX_FOLDER_FILES}`))
  })
})
