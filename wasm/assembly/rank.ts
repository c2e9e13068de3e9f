/**
 * The passes of one rank iteration ([KG9]) on native u64. Pointers are byte offsets in the imported memory,
 * whose layout is the caller's (wasm/bindings/); nothing is allocated here.
 * Ranks are kept as r = y + base, so that no pass is spent on adding one number to all.
 */

/** High half of the 128-bit product, from four products of 32 bits (Hacker's Delight, 2nd edition, §8-2). */
@inline
function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff
  const aHigh = a >> 32
  const bLow = b & 0xffffffff
  const bHigh = b >> 32
  const middle = aLow * bHigh + ((aLow * bLow) >> 32)
  const cross = aHigh * bLow + (middle & 0xffffffff)
  return aHigh * bHigh + (middle >> 32) + (cross >> 32)
}

/**
 * x_v = ⌊r[src(v)] · f_v / 2⁶⁴⌋ for `count` virtual sources.
 * sources: u32[count], particle of each; weights, x: u64[count]; y: u64[N].
 */
export function spread(count: u32, sources: usize, weights: usize, y: usize, base: u64, x: usize): void {
  const end = sources + (<usize>count << 2)
  for (; sources < end; sources += 4, weights += 8, x += 8) {
    const rank = load<u64>(y + (<usize>load<u32>(sources) << 3)) + base
    store<u64>(x, multiplyHigh(rank, load<u64>(weights)))
  }
}

/** The x that column number `index` after `column` names: columns hold absolute addresses, which saves an addition a link. */
@inline
function read(column: usize, index: usize): u64 {
  return load<u64>(<usize>load<u32>(column + (index << 2)))
}

/**
 * y_j = Σ x over row j's columns, for `count` rows; returns Σ y_j.
 * rows: u32[count + 1]; columns: u32[links], addresses of x; y: u64[count].
 */
export function pull(count: u32, rows: usize, columns: usize, y: usize): u64 {
  const end = rows + (<usize>count << 2)
  let total: u64 = 0
  let column = columns + (<usize>load<u32>(rows) << 2)
  for (; rows < end; rows += 4, y += 8) {
    const last = columns + (<usize>load<u32>(rows, 4) << 2)
    // Two sums, so that one addition need not wait for the other; eight a turn was no faster.
    let even: u64 = 0
    let odd: u64 = 0
    for (; column + 16 <= last; column += 16) {
      even += read(column, 0) + read(column, 1)
      odd += read(column, 2) + read(column, 3)
    }
    for (; column < last; column += 4) even += read(column, 0)
    even += odd
    store<u64>(y, even)
    total += even
  }
  return total
}

/** δ = Σ|r'_j − r_j| of `count` particles ([KG10]); at most 2⁶³, because both sums are at most 2⁶². */
export function distance(count: u32, y: usize, base: u64, yBefore: usize, baseBefore: u64): u64 {
  const end = y + (<usize>count << 3)
  let sum: u64 = 0
  for (; y < end; y += 8, yBefore += 8) {
    const rank = load<u64>(y) + base
    const before = load<u64>(yBefore) + baseBefore
    sum += rank > before ? rank - before : before - rank
  }
  return sum
}

/**
 * Particles of a bucket, as a power of two: links are put into the buckets of their ends first, so that what is written
 * next to each other in time, a cache line for each particle, stays in the cache (128 KiB) until it is full.
 */
const BUCKET_BITS: u32 = 11
const IN_BUCKET: u32 = (1 << BUCKET_BITS) - 1

@inline
function increase(counts: usize, index: u32, by: u32): void {
  const count = counts + (<usize>index << 2)
  store<u32>(count, load<u32>(count) + by)
}

/**
 * Counts `count` links by neuron, by destination, and by the bucket of their source. Returns 0 when one names a particle
 * or a neuron that there is not, else 1.
 * links: u32[count, 3], from, to, neuron; degrees: u32[U]; lengths: u32[N]; sizes: u32[buckets]
 */
export function admitLinks(
  count: u32,
  links: usize,
  particles: u32,
  neuronCount: u32,
  degrees: usize,
  lengths: usize,
  sizes: usize,
): u32 {
  const end = links + <usize>count * 12
  for (; links < end; links += 12) {
    const from = load<u32>(links)
    const to = load<u32>(links, 4)
    const neuron = load<u32>(links, 8)
    if (from >= particles || to >= particles || neuron >= neuronCount) return 0
    increase(degrees, neuron, 1)
    increase(lengths, to, 1)
    increase(sizes, from >> BUCKET_BITS, 1)
  }
  return 1
}

/** The same counts of those links alone whose neurons carry weight. carries: u32[U], 0 or 1. */
export function countLinks(count: u32, links: usize, carries: usize, lengths: usize, sizes: usize): void {
  const end = links + <usize>count * 12
  for (; links < end; links += 12) {
    const weight = load<u32>(carries + (<usize>load<u32>(links, 8) << 2))
    increase(lengths, load<u32>(links, 4), weight)
    increase(sizes, load<u32>(links) >> BUCKET_BITS, weight)
  }
}

/**
 * Puts the same links into the buckets of their sources, in their order.
 * cursors: u32[buckets], the next place in each; bucketed: u64[E], to ‖ place of the source in its bucket ‖ neuron
 */
export function fillBuckets(count: u32, links: usize, carries: usize, cursors: usize, bucketed: usize): void {
  const end = links + <usize>count * 12
  for (; links < end; links += 12) {
    const neuron = load<u32>(links, 8)
    if (load<u32>(carries + (<usize>neuron << 2)) == 0) continue
    const from = load<u32>(links)
    const cursor = cursors + (<usize>(from >> BUCKET_BITS) << 2)
    const slot = load<u32>(cursor)
    store<u32>(cursor, slot + 1)
    const high: u64 = (neuron << BUCKET_BITS) | (from & IN_BUCKET)
    store<u64>(bucketed + (<usize>slot << 3), <u64>load<u32>(links, 4) | (high << 32))
  }
}

/**
 * Orders the links of one bucket, from `first` to before `end`, by their sources, in place: to ‖ neuron.
 * offsets: u32[2048], zeros, written: where the links of each source end; sorted: u64 for each link of the bucket, room
 */
export function groupBySource(first: u32, end: u32, bucketed: usize, offsets: usize, sorted: usize): void {
  const links = bucketed + (<usize>first << 3)
  const last = bucketed + (<usize>end << 3)
  for (let link = links; link < last; link += 8) increase(offsets, load<u32>(link, 4) & IN_BUCKET, 1)
  let next = first
  for (let offset = offsets; offset < offsets + (4 << BUCKET_BITS); offset += 4) {
    const count = load<u32>(offset)
    store<u32>(offset, next)
    next += count
  }
  const base = sorted - (<usize>first << 3)
  for (let link = links; link < last; link += 8) {
    const high = load<u32>(link, 4)
    const offset = offsets + (<usize>(high & IN_BUCKET) << 2)
    const slot = load<u32>(offset)
    store<u32>(offset, slot + 1)
    const neuron: u64 = high >> BUCKET_BITS
    store<u64>(base + (<usize>slot << 3), <u64>load<u32>(link) | (neuron << 32))
  }
  memory.copy(links, sorted, last - links)
}

/**
 * Finds the virtual sources of the rows from `row` to before `end` and puts each of their links into the bucket of its
 * destination; returns how many there are with the `found` of rows before.
 * order: u32[N], the particle of each row; offsets: u32[N + 1], by particle; grouped: u64[E] of groupBySource;
 * latest: u32[U], zeros at first; cursors: u32[buckets], the next place in each; paired: u64[E], to ‖ virtual source;
 * sources, neurons, counts: u32[E].
 */
export function findSources(
  row: u32,
  end: u32,
  found: u32,
  order: usize,
  offsets: usize,
  grouped: usize,
  latest: usize,
  cursors: usize,
  paired: usize,
  sources: usize,
  neurons: usize,
  counts: usize,
): u32 {
  for (; row < end; row++) {
    const before = found
    const offset = offsets + (<usize>load<u32>(order + (<usize>row << 2)) << 2)
    let link = grouped + (<usize>load<u32>(offset) << 3)
    const last = grouped + (<usize>load<u32>(offset, 4) << 3)
    while (link < last) {
      const neuron = load<u32>(link, 4)
      // one more than the neuron's last virtual source: numbers only go up, so those of rows before are told by it
      const known = latest + (<usize>neuron << 2)
      if (load<u32>(known) <= before) {
        store<u32>(sources + (<usize>found << 2), row)
        store<u32>(neurons + (<usize>found << 2), neuron)
        store<u32>(known, ++found)
      }
      const v = load<u32>(known) - 1
      const high: u64 = <u64>v << 32
      const first = link
      do {
        const to = load<u32>(link)
        const cursor = cursors + (<usize>(to >> BUCKET_BITS) << 2)
        const slot = load<u32>(cursor)
        store<u32>(cursor, slot + 1)
        store<u64>(paired + (<usize>slot << 3), <u64>to | high)
        link += 8
      } while (link < last && load<u32>(link, 4) == neuron)
      increase(counts, v, <u32>((link - first) >> 3))
    }
  }
  return found
}

/**
 * Puts the virtual sources of `count` links where their destinations have their next places.
 * paired: u64[count] of findSources; cursors: u32[N], the next place of each destination; columns: u32[E]
 */
export function fillColumns(count: u32, paired: usize, cursors: usize, columns: usize): void {
  const end = paired + (<usize>count << 3)
  for (; paired < end; paired += 8) {
    const cursor = cursors + (<usize>load<u32>(paired) << 2)
    const slot = load<u32>(cursor)
    store<u32>(cursor, slot + 1)
    store<u32>(columns + (<usize>slot << 2), load<u32>(paired, 4))
  }
}

/**
 * Puts the number of each of `count` virtual sources where its links' destinations have their next place.
 * starts, counts: u32[count]; targets, columns: u32[E]; cursors: u32[N].
 */
export function orderByDestination(
  count: u32,
  starts: usize,
  counts: usize,
  targets: usize,
  cursors: usize,
  columns: usize,
): void {
  for (let v: u32 = 0; v < count; v++, starts += 4, counts += 4) {
    let at = targets + (<usize>load<u32>(starts) << 2)
    const end = at + (<usize>load<u32>(counts) << 2)
    for (; at < end; at += 4) {
      const cursor = cursors + (<usize>load<u32>(at) << 2)
      const slot = load<u32>(cursor)
      store<u32>(cursor, slot + 1)
      store<u32>(columns + (<usize>slot << 2), v)
    }
  }
}
