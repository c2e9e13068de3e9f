/**
 * The passes of one rank iteration ([KG9]) on native u64. Pointers are byte offsets in the imported memory,
 * whose layout is the caller's (wasm/bindings/rank.ts); nothing is allocated here.
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
 * Puts `count` links of one neuron behind those that their sources have already.
 * froms, tos: u32[count]; cursors: u32[N], the next place of each source; targets, neurons: u32[E].
 */
export function orderBySource(
  count: u32,
  neuron: u32,
  froms: usize,
  tos: usize,
  cursors: usize,
  targets: usize,
  neurons: usize,
): void {
  const end = froms + (<usize>count << 2)
  for (; froms < end; froms += 4, tos += 4) {
    const cursor = cursors + (<usize>load<u32>(froms) << 2)
    const slot = <usize>load<u32>(cursor) << 2
    store<u32>(cursor, load<u32>(cursor) + 1)
    store<u32>(targets + slot, load<u32>(tos))
    store<u32>(neurons + slot, neuron)
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
