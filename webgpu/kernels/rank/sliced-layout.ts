import type { RankGraph } from '#graph/rank-kernel.ts'
import { orderRows } from '#graph/rank-layout.ts'

/** Rows of a slice; SLICE of rank.wgsl. Their columns are read side by side. */
export const SLICE_ROWS = 64
/** Links of a piece: a row of more is split, so that no invocation works much longer than its neighbours ([KG13]). */
export const PIECE_LINKS = 64

/** What one storage binding holds. */
export interface SliceLimits {
  /** u32 values */
  readonly words: number
}

/** Virtual sources whose x stand in one binding and whose particles stand in one window. */
export interface SourceChunk {
  readonly first: number
  readonly count: number
  readonly window: number
}

/** Slices that one dispatch pulls: from x of one chunk into y of one window. */
export interface SlicedPart {
  readonly chunk: number
  readonly window: number
  readonly pieces: number
  /** u32[⌈pieces / 64⌉ + 1]: where the columns of each slice begin */
  readonly offsets: Uint32Array
  /** u32, column-major: link j of piece p stands at offsets[⌊p / 64⌋] + 64 · j + p mod 64, relative to the chunk */
  readonly columns: Uint32Array
  /** u32[pieces]: the row (in its window) that each piece is added to; undefined when piece p is all of row firstRow + p */
  readonly targets: Uint32Array | undefined
  readonly firstRow: number
}

/** A graph as rank.wgsl reads it. Rows are particles by number of links, most first. */
export interface SlicedLayout {
  /** u32[N]: the particle of each row */
  readonly order: Uint32Array
  /** rows of a window; the last one has what is left */
  readonly windowRows: number
  readonly chunks: readonly SourceChunk[]
  /** u32[V]: the row (in its window) of each virtual source's particle */
  readonly sources: Uint32Array
  readonly parts: readonly SlicedPart[]
  /** rows from 0 on that parts add to, and that must be 0 before each iteration */
  readonly joinedRows: number
}

/** Links of one row, consecutive in `RankGraph.columns` and at most 64, of one chunk. */
interface Pieces {
  readonly count: number
  readonly starts: Uint32Array
  readonly lengths: Uint8Array
  readonly targets: Uint32Array | undefined
}

/**
 * Lays a graph out in slices ([KG13]) in time linear in its links and particles. Padding is below 64 · 64 words for
 * each part, so that a link takes little more than its 4 bytes.
 */
export function layOutSlices(graph: RankGraph, limits: SliceLimits): SlicedLayout {
  // those of a graph that has grown are in order no more
  const order = orderRows(graph.rows)
  // a pair is two words; the last of a chunk is the 0 that padding reads
  const windowRows = limits.words >> 1
  const { sources, chunks } = cutSources(graph, order, windowRows)
  const isWhole = chunks.length <= 1 && graph.particles <= windowRows
  const joinedRows = isWhole ? countLongRows(graph.rows, order) : graph.particles
  const parts = isWhole
    ? layOutWhole(graph, order, { joinedRows, limits })
    : layOutChunks(graph, order, { chunks, windowRows, limits })
  return { order: order.map((row) => graph.order[row]!), windowRows, chunks, sources, parts, joinedRows }
}

function cutSources(
  { particles, sources }: RankGraph,
  order: Uint32Array,
  windowRows: number,
): Pick<SlicedLayout, 'sources' | 'chunks'> {
  const places = new Uint32Array(particles)
  for (let place = 0; place < particles; place++) places[order[place]!] = place
  const rows = new Uint32Array(sources.length)
  const chunks: { first: number; count: number; window: number }[] = []
  let chunk = { first: 0, count: 0, window: -1 }
  for (let v = 0; v < sources.length; v++) {
    const row = places[sources[v]!]!
    const window = Math.floor(row / windowRows)
    if (window !== chunk.window || chunk.count === windowRows - 1) {
      chunk = { first: v, count: 0, window }
      chunks.push(chunk)
    }
    chunk.count++
    rows[v] = row - window * windowRows
  }
  return { sources: rows, chunks }
}

function countLongRows(rows: Uint32Array, order: Uint32Array): number {
  let count = 0
  while (count < order.length && lengthOf(rows, order[count]!) > PIECE_LINKS) count++
  return count
}

function lengthOf(rows: Uint32Array, particle: number): number {
  return rows[particle + 1]! - rows[particle]!
}

interface WholeInit {
  readonly joinedRows: number
  readonly limits: SliceLimits
}

/** Everything in one window and chunk: long rows in pieces, then the others, each in its place without a target. */
function layOutWhole(graph: RankGraph, order: Uint32Array, { joinedRows, limits }: WholeInit): SlicedPart[] {
  const { rows, columns } = graph
  const place = { chunk: 0, window: 0, base: 0, padding: graph.sources.length }
  const long = sortPieces(splitRows(rows, order.subarray(0, joinedRows)))
  const plain = wholeRows(rows, order, joinedRows)
  return [
    ...fillParts(columns, long, { ...place, firstRow: 0, limits }),
    ...fillParts(columns, plain, { ...place, firstRow: joinedRows, limits }),
  ]
}

function splitRows(rows: Uint32Array, order: Uint32Array): Pieces {
  let count = 0
  for (const particle of order) count += Math.ceil(lengthOf(rows, particle) / PIECE_LINKS)
  const pieces = createPieces(count)
  let piece = 0
  order.forEach((particle, row) => {
    for (let start = rows[particle]!; start < rows[particle + 1]!; start += PIECE_LINKS) {
      pieces.starts[piece] = start
      pieces.lengths[piece] = Math.min(PIECE_LINKS, rows[particle + 1]! - start)
      pieces.targets[piece++] = row
    }
  })
  return pieces
}

function createPieces(count: number): Pieces & { readonly targets: Uint32Array } {
  return {
    count,
    starts: new Uint32Array(count),
    lengths: new Uint8Array(count),
    targets: new Uint32Array(count),
  }
}

/** Rows from `first` on as one piece each; they are in order of length already. Those without links are left out. */
function wholeRows(rows: Uint32Array, order: Uint32Array, first: number): Pieces {
  let end = first
  while (end < order.length && lengthOf(rows, order[end]!) > 0) end++
  const starts = new Uint32Array(end - first)
  const lengths = new Uint8Array(end - first)
  for (let row = first; row < end; row++) {
    starts[row - first] = rows[order[row]!]!
    lengths[row - first] = lengthOf(rows, order[row]!)
  }
  return { count: end - first, starts, lengths, targets: undefined }
}

/** Longest first: a counting sort. */
function sortPieces({ count, starts, lengths, targets }: Pieces): Pieces {
  const cursors = new Uint32Array(PIECE_LINKS + 2)
  for (let piece = 0; piece < count; piece++) cursors[PIECE_LINKS - lengths[piece]! + 1]!++
  for (let i = 1; i < cursors.length; i++) cursors[i] = cursors[i]! + cursors[i - 1]!
  const sorted = createPieces(count)
  for (let piece = 0; piece < count; piece++) {
    const to = cursors[PIECE_LINKS - lengths[piece]!]!++
    sorted.starts[to] = starts[piece]!
    sorted.lengths[to] = lengths[piece]!
    sorted.targets[to] = targets![piece]!
  }
  return sorted
}

interface FillInit {
  readonly chunk: number
  readonly window: number
  /** first virtual source of the chunk */
  readonly base: number
  /** column whose x is always 0 */
  readonly padding: number
  readonly firstRow: number
  readonly limits: SliceLimits
}

/** Slices of `pieces`, cut into parts whose columns fit one binding. Targets are fewer than columns, so they fit too. */
function fillParts(columns: Uint32Array, pieces: Pieces, init: FillInit): SlicedPart[] {
  const parts: SlicedPart[] = []
  for (let first = 0; first < pieces.count; ) {
    let end = first
    let words = 0
    while (end < pieces.count) {
      const added = SLICE_ROWS * pieces.lengths[end]!
      if (end > first && words + added > init.limits.words) break
      words += added
      end = Math.min(pieces.count, end + SLICE_ROWS)
    }
    parts.push(fillPart(columns, pieces, { ...init, first, end, words }))
    first = end
  }
  return parts
}

interface PartInit extends FillInit {
  readonly first: number
  readonly end: number
  readonly words: number
}

function fillPart(columns: Uint32Array, { starts, lengths, targets }: Pieces, init: PartInit): SlicedPart {
  const { chunk, window, base, padding, first, end, words } = init
  const pieces = end - first
  const offsets = new Uint32Array(Math.ceil(pieces / SLICE_ROWS) + 1)
  const filled = new Uint32Array(words)
  for (let slice = 0; slice + 1 < offsets.length; slice++) {
    const at = offsets[slice]!
    const top = first + SLICE_ROWS * slice
    const longest = lengths[top]!
    offsets[slice + 1] = at + SLICE_ROWS * longest
    for (let lane = 0; lane < SLICE_ROWS; lane++) {
      const piece = top + lane
      const length = piece < end ? lengths[piece]! : 0
      const start = piece < end ? starts[piece]! : 0
      let to = at + lane
      for (let link = 0; link < length; link++, to += SLICE_ROWS) filled[to] = columns[start + link]! - base
      for (let link = length; link < longest; link++, to += SLICE_ROWS) filled[to] = padding
    }
  }
  return {
    chunk,
    window,
    pieces,
    offsets,
    columns: filled,
    targets: targets?.subarray(first, end),
    firstRow: init.firstRow + first,
  }
}

interface ChunksInit {
  readonly chunks: readonly SourceChunk[]
  readonly windowRows: number
  readonly limits: SliceLimits
}

/** Too much for one binding: a pass for each pair of chunk and window that links join, all of pieces that are added. */
function layOutChunks(graph: RankGraph, order: Uint32Array, init: ChunksInit): SlicedPart[] {
  const { chunks, windowRows, limits } = init
  const windows = Math.ceil(graph.particles / windowRows)
  const counts = new Uint32Array(windows * chunks.length)
  forEachPiece(graph, order, chunks, (row, chunk) => {
    counts[Math.floor(row / windowRows) * chunks.length + chunk]!++
  })
  const groups = Array.from(counts, createPieces)
  counts.fill(0)
  forEachPiece(graph, order, chunks, (row, chunk, start, length) => {
    const window = Math.floor(row / windowRows)
    const group = window * chunks.length + chunk
    const pieces = groups[group]!
    const piece = counts[group]!++
    pieces.starts[piece] = start
    pieces.lengths[piece] = length
    pieces.targets[piece] = row - window * windowRows
  })
  return groups.flatMap((pieces, group) => {
    const chunk = group % chunks.length
    const { first, count } = chunks[chunk]!
    const window = Math.floor(group / chunks.length)
    const place = { chunk, window, base: first, padding: count, firstRow: 0, limits }
    return fillParts(graph.columns, sortPieces(pieces), place)
  })
}

/** Each row's runs of links from one chunk, in pieces. Columns ascend within a row, so that there are few. */
function forEachPiece(
  { rows, columns, sources }: RankGraph,
  order: Uint32Array,
  chunks: readonly SourceChunk[],
  visit: (row: number, chunk: number, start: number, length: number) => void,
): void {
  const chunkOf = new Uint32Array(sources.length)
  chunks.forEach(({ first, count }, chunk) => {
    chunkOf.fill(chunk, first, first + count)
  })
  order.forEach((particle, row) => {
    const last = rows[particle + 1]!
    for (let start = rows[particle]!; start < last; ) {
      const chunk = chunkOf[columns[start]!]!
      let end = start + 1
      while (end < last && end - start < PIECE_LINKS && chunkOf[columns[end]!] === chunk) end++
      visit(row, chunk, start, end - start)
      start = end
    }
  })
}
