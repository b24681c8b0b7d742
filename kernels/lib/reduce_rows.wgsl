// reduce_rows: one number from each row, by the override kind: 0 the sum, 1 the sum of squares, 2 the greatest, 3 the least.
// Of everything: with n = 4096 and rows = ceil(total / 4096), and again on what comes out (with kind 0 after 1) until one is
// left. The gradient of a sum is broadcast; of the greatest or least it is scatter of what argmax gave.
// Shapes: rows, n, total, divide; x[total], y[rows] f32; the last row ends at total, which is rows n where it is full.
// Order: the sum of x (of the domain of sums, include/addend.wgsl) or x x (of that of products, include/domain.wgsl) as in include/chains.wgsl, divided by divide: n for a mean, 1 for a sum. The greatest and the
// least pass over NaN, are -Inf and +Inf where nothing is left, and take -0 as less than +0; they are not divided.
// Error: 2^-24 (10 + n/128) (sum of |x| or x x) / divide, and 2^-102 for each element; the greatest
// and least none.
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: infinity
// include: domain
// include: addend
// include: row
// include: chains
struct Params { rows: u32, n: u32, total: u32, divide: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

override kind: u32 = 0;

fn term(what: u32, row: Row, i: u32, a: f32, b: f32) -> f32 {
  let v = x[row.start + i];
  switch (kind) {
    case 0: { return addend(v); }
    case 1: { return domain(v) * domain(v); }
    case 3: { return -v; }
    default: { return v; }
  }
}

@compute @workgroup_size(width, rows)
fn reduce_rows(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
              @builtin(num_workgroups) groups: vec3<u32>) {
  let row = cut(row_of(local, group, groups, p.rows, p.n), p.total);
  var one = 0.0;
  switch (kind) {
    case 2: { one = max_of_row(row, 0, 0, 0); }
    case 3: { one = -max_of_row(row, 0, 0, 0); }
    default: { one = sum_of_row(row, 0, 0, 0) / p.divide; }
  }
  if (row.lane == 0 && row.there) {
    y[row.index] = one;
  }
}
