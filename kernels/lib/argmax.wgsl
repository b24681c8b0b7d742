// argmax: the column of the greatest element of each row, or of the least where the override least is true. The first of
// equals wins, -0 equals +0, NaN never wins; a row without a number gives 0.
// Shapes: rows, n; x[rows, n] f32, index[rows] u32.
// Order: the comparison of whole numbers that rise with the elements, so that none is needed.
// Error: none.
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: row
// include: order
// include: winner
struct Params { rows: u32, n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> index: array<u32>;

override least: bool = false;

@compute @workgroup_size(width, rows)
fn argmax(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
         @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups, p.rows, p.n);
  var best = 0u;
  var at = none;
  for (var f = 0u; f < row.n; f += width) {
    let i = f + row.lane;
    var v = x[row.start + i];
    if (least) {
      v ^= 0x80000000;
    }
    let key = select(0, order_of(v), i < row.n);
    at = select(at, i, key > best);
    best = max(best, key);
  }
  at = winner(row, best, at);
  if (row.lane == 0 && row.there) {
    index[row.index] = select(at, 0, at == none);
  }
}
