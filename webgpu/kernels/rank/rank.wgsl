// One rank iteration ([KG9]) in integers: u64 is vec2u(low, high), every sum is exact, so no order matters.
// Ranks are kept as r = y + base, so that no pass is spent on adding one number to all. Layout: sliced-layout.ts.

// What WebGPU promises everywhere is 256; 64 fills the lanes of every GPU that we know of.
override workgroupSize: u32 = 64;

/// Rows of a slice; SLICE_ROWS of sliced-layout.ts.
const SLICE: u32 = 64;
/// Sums go to this many places by turns, so that workgroups seldom wait for each other; SLOTS of rank-run.ts.
const SLOTS: u32 = 64;
/// M = 2⁶²
const MASS = vec2u(0u, 0x40000000u);

/// What one dispatch works on: a chunk of virtual sources, a part of the rows or a window of the particles.
struct Job {
  /// virtual sources, pieces of rows or rows
  count: u32,
  /// where the rows of a plain part begin
  firstRow: u32,
  /// N
  particles: u32,
}

struct State {
  base: vec2u,
  /// base of the iteration before
  before: vec2u,
}

@group(0) @binding(0) var<uniform> job: Job;
@group(0) @binding(6) var<storage, read_write> slots: array<atomic<u32>, 2 * SLOTS>;

var<workgroup> sums: array<vec2u, workgroupSize>;
var<workgroup> slotSums: array<vec2u, SLOTS>;

fn add(a: vec2u, b: vec2u) -> vec2u {
  let low = a.x + b.x;
  return vec2u(low, a.y + b.y + select(0u, 1u, low < a.x));
}

fn subtract(a: vec2u, b: vec2u) -> vec2u {
  return vec2u(a.x - b.x, a.y - b.y - select(0u, 1u, a.x < b.x));
}

fn isLess(a: vec2u, b: vec2u) -> bool {
  return a.y < b.y || (a.y == b.y && a.x < b.x);
}

/// High word of a · b from four products of 16-bit limbs (Hacker's Delight, 2nd edition, §8-2).
fn multiplyHighWord(a: u32, b: u32) -> u32 {
  let aLow = a & 0xffffu;
  let aHigh = a >> 16u;
  let bLow = b & 0xffffu;
  let bHigh = b >> 16u;
  let middle = aHigh * bLow + ((aLow * bLow) >> 16u);
  let cross = aLow * bHigh + (middle & 0xffffu);
  return aHigh * bHigh + (middle >> 16u) + (cross >> 16u);
}

/// ⌊a · b / 2⁶⁴⌋
fn multiplyHigh(a: vec2u, b: vec2u) -> vec2u {
  let first = vec2u(a.x * b.y, multiplyHighWord(a.x, b.y));
  let second = vec2u(a.y * b.x, multiplyHighWord(a.y, b.x));
  // Three words of weight 2³²: only the carries of their sum are wanted.
  let lowCross = multiplyHighWord(a.x, b.x) + first.x;
  let carries = select(0u, 1u, lowCross < first.x) + select(0u, 1u, lowCross + second.x < second.x);
  let high = add(vec2u(a.y * b.y, multiplyHighWord(a.y, b.y)), vec2u(first.y, 0u));
  return add(add(high, vec2u(second.y, 0u)), vec2u(carries, 0u));
}

/// ⌊a / n⌋ for n < 2³¹, bit by bit: the remainder stays below 2³² when doubled. One thread does it once an iteration.
fn divide(a: vec2u, n: u32) -> vec2u {
  var quotient = vec2u(0u);
  var rest = 0u;
  for (var bit = 64u; bit > 0u; bit--) {
    let at = bit - 1u;
    rest = (rest << 1u) | ((select(a.x, a.y, at >= 32u) >> (at & 31u)) & 1u);
    if (rest >= n) {
      rest -= n;
      let one = 1u << (at & 31u);
      if (at >= 32u) { quotient.y |= one; } else { quotient.x |= one; }
    }
  }
  return quotient;
}

/// Adds the values of a whole workgroup to a slot. Every invocation must come here.
fn addToSlot(local: u32, groupNumber: u32, value: vec2u) {
  sums[local] = value;
  for (var width = workgroupSize; width > 1u;) {
    workgroupBarrier();
    let kept = (width + 1u) / 2u;
    if (local + kept < width) { sums[local] = add(sums[local], sums[local + kept]); }
    width = kept;
  }
  if (local == 0u) {
    let at = 2u * (groupNumber % SLOTS);
    let total = sums[0];
    let old = atomicAdd(&slots[at], total.x);
    atomicAdd(&slots[at + 1u], total.y + select(0u, 1u, old + total.x < old));
  }
}

// Pass 1: x_v = ⌊r[src(v)] · f_v / 2⁶⁴⌋

@group(0) @binding(1) var<storage, read> sources: array<u32>;
@group(0) @binding(2) var<storage, read> weights: array<vec2u>;
@group(0) @binding(3) var<storage, read> y: array<vec2u>;
@group(0) @binding(4) var<storage, read_write> spreadX: array<vec2u>;
@group(0) @binding(5) var<storage, read> spreadState: State;

@compute @workgroup_size(workgroupSize)
fn spread(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let v = (group.y * groups.x + group.x) * workgroupSize + local;
  if (v >= job.count) { return; }
  spreadX[v] = multiplyHigh(add(y[sources[v]], spreadState.base), weights[v]);
}

// Pass 2: y_j = Σ x_v over the links v → j, and Σ y_j into the slots

@group(0) @binding(1) var<storage, read> offsets: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> x: array<vec2u>;
@group(0) @binding(4) var<storage, read_write> plainY: array<vec2u>;
@group(0) @binding(4) var<storage, read_write> joinedY: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read> targets: array<u32>;

/// Σ x over one piece of a row: its columns stand SLICE apart, so that neighbouring lanes read neighbouring words.
fn sumPiece(piece: u32) -> vec2u {
  let slice = piece / SLICE;
  let end = offsets[slice + 1u];
  var sum = vec2u(0u);
  for (var at = offsets[slice] + piece % SLICE; at < end; at += SLICE) { sum = add(sum, x[columns[at]]); }
  return sum;
}

/// Rows of one piece each, one after the other.
@compute @workgroup_size(workgroupSize)
fn pullPlain(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let groupNumber = group.y * groups.x + group.x;
  let piece = groupNumber * workgroupSize + local;
  var sum = vec2u(0u);
  if (piece < job.count) {
    sum = sumPiece(piece);
    plainY[job.firstRow + piece] = sum;
  }
  addToSlot(local, groupNumber, sum);
}

/// Rows of several pieces: each is added to its row.
@compute @workgroup_size(workgroupSize)
fn pullJoined(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let groupNumber = group.y * groups.x + group.x;
  let piece = groupNumber * workgroupSize + local;
  var sum = vec2u(0u);
  if (piece < job.count) {
    sum = sumPiece(piece);
    let at = 2u * targets[piece];
    let old = atomicAdd(&joinedY[at], sum.x);
    atomicAdd(&joinedY[at + 1u], sum.y + select(0u, 1u, old + sum.x < old));
  }
  addToSlot(local, groupNumber, sum);
}

// Pass 3, one workgroup: base = ⌊(M − Σ y_j)/N⌋, and empty slots for the next iteration

@group(0) @binding(5) var<storage, read_write> settled: State;

@compute @workgroup_size(SLOTS)
fn settle(@builtin(local_invocation_index) local: u32) {
  slotSums[local] = vec2u(atomicExchange(&slots[2u * local], 0u), atomicExchange(&slots[2u * local + 1u], 0u));
  for (var kept = SLOTS / 2u; kept > 0u; kept /= 2u) {
    workgroupBarrier();
    if (local < kept) { slotSums[local] = add(slotSums[local], slotSums[local + kept]); }
  }
  if (local == 0u) {
    settled.before = settled.base;
    settled.base = divide(subtract(MASS, slotSums[0]), job.particles);
  }
}

// When it is asked for: δ = Σ|r'_j − r_j| into other slots

@group(0) @binding(1) var<storage, read> yNow: array<vec2u>;
@group(0) @binding(2) var<storage, read> yBefore: array<vec2u>;

@compute @workgroup_size(workgroupSize)
fn distance(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let groupNumber = group.y * groups.x + group.x;
  let row = groupNumber * workgroupSize + local;
  var difference = vec2u(0u);
  if (row < job.count) {
    let now = add(yNow[row], spreadState.base);
    let before = add(yBefore[row], spreadState.before);
    if (isLess(now, before)) { difference = subtract(before, now); } else { difference = subtract(now, before); }
  }
  addToSlot(local, groupNumber, difference);
}
