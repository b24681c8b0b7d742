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
fn find_limit(row: Row, wanted: u32) -> Limit {
  let bins = 256 * row.slot;
  var limit = Limit(0, wanted);
  for (var shift = 24u; shift < 32; shift -= 8) {
    for (var f = 0u; f < 256; f += width) {
      atomicStore(&counts[bins + f + row.lane], 0);
    }
    workgroupBarrier();
    for (var f = 0u; f < row.n; f += width) {
      let i = f + row.lane;
      let key = order_of(x[row.start + i]);
      // The upper digits, known by now; none in the first round. A shift of 32 would be one of 0.
      if (i < row.n && ((key ^ limit.key) >> shift) < 256) {
        atomicAdd(&counts[bins + ((key >> shift) & 255)], 1);
      }
    }
    workgroupBarrier();
    for (var s = row.lane; s < 16; s += width) {
      var sum = 0u;
      for (var b = 0u; b < 16; b++) {
        sum += atomicLoad(&counts[bins + 16 * s + b]);
      }
      sixteens[16 * row.slot + s] = sum;
    }
    workgroupBarrier();
    // Down from the greatest digit until the wanted one is among those passed.
    var s = 15u;
    for (; s > 0 && sixteens[16 * row.slot + s] < limit.take; s--) {
      limit.take -= sixteens[16 * row.slot + s];
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
  let row = row_of(local, group, groups, p.rows, p.n);
  let wanted = min(min(p.k, most), row.n);
  let limit = find_limit(row, wanted);

  // Each invocation looks through a part of its own, so that the equal ones it finds follow those of the invocation before.
  let part = (row.n + width - 1) / width;
  let first = min(row.lane * part, row.n);
  let last = min(first + part, row.n);
  var over = 0u;
  var at = 0u;
  for (var i = first; i < last; i++) {
    let key = order_of(x[row.start + i]);
    over += u32(key > limit.key);
    at += u32(key == limit.key);
  }
  above[row.slot * width + row.lane] = over;
  equal[row.slot * width + row.lane] = at;
  workgroupBarrier();
  over = 0;
  at = 0;
  for (var k = 0u; k < row.lane; k++) {
    over += above[row.slot * width + k];
    at += equal[row.slot * width + k];
  }
  let mine = row.slot * most;
  let overs = wanted - limit.take;
  for (var i = first; i < last; i++) {
    let key = order_of(x[row.start + i]);
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
  for (var a = row.lane; a < wanted; a += width) {
    let key = keys[mine + a];
    let place = places[mine + a];
    var rank = 0u;
    for (var b = 0u; b < wanted; b++) {
      let other = keys[mine + b];
      rank += u32(other > key || (other == key && places[mine + b] < place));
    }
    values[row.index * p.k + rank] = x[row.start + place];
    index[row.index * p.k + rank] = place;
  }
  if (row.there) {
    for (var a = wanted + row.lane; a < p.k; a += width) {
      values[row.index * p.k + a] = 0xff800000;
      index[row.index * p.k + a] = 0xffffffff;
    }
  }
}
