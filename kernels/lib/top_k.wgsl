// top_k: the k greatest elements of each row, greatest first, and their columns; equal ones in the order of their columns, -0
// equal to +0, NaN after everything else. Where k is more than n the rest has the value -Inf and the column 0xffffffff.
// Shapes: rows, n, k; x[rows, n] f32, values[rows, k] f32, index[rows, k] u32. k is at most the override most (64, up to 1024);
// what is beyond it comes out as if k were more than n.
// Order: of whole numbers that rise with the elements; values are copies.
// Error: none.
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: row
// include: order
struct Params { rows: u32, n: u32, k: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> values: array<u32>;
@group(0) @binding(3) var<storage, read_write> index: array<u32>;

override most: u32 = 64;

var<workgroup> counts: array<atomic<u32>, rows * 256>; // of keys, by the digit that is looked at
var<workgroup> sixteens: array<u32, rows * 16>; // of those, 16 together
var<workgroup> above: array<u32, rows * width>; // by invocation: its keys over the limit
var<workgroup> equal: array<u32, rows * width>; // and those at it
var<workgroup> keys: array<u32, rows * most>;
var<workgroup> places: array<u32, rows * most>;

struct Limit {
  key: u32, // the least of the keys that are taken
  take: u32, // how many of the keys equal to it are
}

// Finds the wanted-th greatest key, digit by digit of 8 bits.
fn find_limit(local: vec3<u32>, start: u32, n: u32, wanted: u32) -> Limit {
  let bins = 256 * local.y;
  var limit = Limit(0, wanted);
  for (var shift = 24u; shift < 32; shift -= 8) {
    for (var f = 0u; f < 256; f += width) {
      atomicStore(&counts[bins + f + local.x], 0);
    }
    workgroupBarrier();
    for (var f = 0u; f < n; f += width) {
      let i = f + local.x;
      let key = order_of(x[start + i]);
      // The upper digits, known by now; none in the first round. A shift of 32 would be one of 0.
      if (i < n && ((key ^ limit.key) >> shift) < 256) {
        atomicAdd(&counts[bins + ((key >> shift) & 255)], 1);
      }
    }
    workgroupBarrier();
    for (var s = local.x; s < 16; s += width) {
      var sum = 0u;
      for (var b = 0u; b < 16; b++) {
        sum += atomicLoad(&counts[bins + 16 * s + b]);
      }
      sixteens[16 * local.y + s] = sum;
    }
    workgroupBarrier();
    // Down from the greatest digit until the wanted one is among those passed.
    var s = 15u;
    for (; s > 0 && sixteens[16 * local.y + s] < limit.take; s--) {
      limit.take -= sixteens[16 * local.y + s];
    }
    var digit = 16 * s + 15;
    for (; digit > 16 * s && atomicLoad(&counts[bins + digit]) < limit.take; digit--) {
      limit.take -= atomicLoad(&counts[bins + digit]);
    }
    limit.key |= digit << shift;
    workgroupBarrier();
  }
  return limit;
}

@compute @workgroup_size(width, rows)
fn top_k(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
         @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups);
  let start = row * p.n;
  let n = select(0, p.n, row < p.rows);
  let wanted = min(min(p.k, most), n);
  let limit = find_limit(local, start, n, wanted);

  // Each invocation looks through a part of its own, so that the equal ones it finds follow those of the invocation before.
  let part = (n + width - 1) / width;
  let first = min(local.x * part, n);
  let last = min(first + part, n);
  var over = 0u;
  var at = 0u;
  for (var i = first; i < last; i++) {
    let key = order_of(x[start + i]);
    over += u32(key > limit.key);
    at += u32(key == limit.key);
  }
  above[local.y * width + local.x] = over;
  equal[local.y * width + local.x] = at;
  workgroupBarrier();
  over = 0;
  at = 0;
  for (var k = 0u; k < local.x; k++) {
    over += above[local.y * width + k];
    at += equal[local.y * width + k];
  }
  let mine = local.y * most;
  let overs = wanted - limit.take;
  for (var i = first; i < last; i++) {
    let key = order_of(x[start + i]);
    if (key > limit.key) {
      keys[mine + over] = key;
      places[mine + over] = i;
      over++;
    } else if (key == limit.key) {
      if (at < limit.take) {
        keys[mine + overs + at] = key;
        places[mine + overs + at] = i;
      }
      at++;
    }
  }
  workgroupBarrier();

  // The rank of each is how many go before it.
  for (var a = local.x; a < wanted; a += width) {
    let key = keys[mine + a];
    let place = places[mine + a];
    var rank = 0u;
    for (var b = 0u; b < wanted; b++) {
      let other = keys[mine + b];
      rank += u32(other > key || (other == key && places[mine + b] < place));
    }
    values[row * p.k + rank] = x[start + place];
    index[row * p.k + rank] = place;
  }
  if (row < p.rows) {
    for (var a = wanted + local.x; a < p.k; a += width) {
      values[row * p.k + a] = 0xff800000;
      index[row * p.k + a] = 0xffffffff;
    }
  }
}
