// reduce_columns: one number from each column, by the override kind: 0 the sum, 1 the sum of squares, 2 the greatest, 3 the
// least. It is made of blocks of 256 rows, and again of what comes out (with kind 0 after 1) until one row is left.
// Shapes: rows, n, divide; x[rows, n], y[ceil(rows / 256), n] f32.
// Order: one chain over the rows of the block, beginning with 0, of x (of the domain of sums, include/addend.wgsl) or x x (of
// that of products, include/domain.wgsl), then divided by divide: 1 but, for a mean, the last time. The
// greatest and the least pass over NaN, are -Inf and +Inf where nothing is left, and take -0 as less than +0; not divided.
// Error: 2^-24 times the rows of the block plus 2, times (sum of |x| or x x) / divide, and 2^-102 for each element; the greatest
// and least none.
// Grid: ceil(n / size) workgroups in x, ceil(rows / 256) in y, folded into z.
// include: infinity
// include: domain
// include: addend
// include: column
struct Params { rows: u32, n: u32, divide: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

override kind: u32 = 0;

@compute @workgroup_size(size)
fn reduce_columns(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
                  @builtin(num_workgroups) groups: vec3<u32>) {
  let c = id.x;
  let first = rows_before(group, groups, 256);
  if (c >= p.n || first >= p.rows) {
    return;
  }
  let last = min(first + 256, p.rows);
  var one = select(select(infinity(), -infinity(), kind == 2), 0, kind < 2);
  for (var row = first; row < last; row++) {
    let v = x[row * p.n + c];
    switch (kind) {
      case 0: { one += addend(v); }
      case 1: { one += domain(v) * domain(v); }
      case 2: { one = max(one, v); }
      default: { one = min(one, v); }
    }
  }
  y[first / 256 * p.n + c] = select(one, one / p.divide, kind < 2);
}
