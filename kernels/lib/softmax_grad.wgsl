// softmax_grad: the gradient of softmax, from what softmax gave.
// Shapes: rows, n, scale; y[rows, n], dy[rows, n], dx[rows, n] f32; the override logarithm as it was for softmax.
// Order: s = the sum of y dy as in include/chains.wgsl; dx = scale (y (dy - s)). For the logarithm columns with y = -Inf get
// 0; s = the sum of dy over the others, and dx = scale (dy - exp(y) s). Factors are of
// the domain (include/domain.wgsl), terms of that of sums (include/addend.wgsl).
// Error: 2^-24 (6 + n/128) |scale| (max |dy| + sum of |y dy|, or of |dy| for the logarithm), and 2^-50 (1 + |scale|)
// (1 + max |dy|).
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: infinity
// include: domain
// include: addend
// include: row
// include: chains
struct Params { rows: u32, n: u32, scale: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

override logarithm: bool = false;

fn term(what: u32, row: Row, i: u32, a: f32, b: f32) -> f32 {
  let v = y[row.start + i];
  let d = dy[row.start + i];
  if (logarithm) {
    return select(addend(d), 0, v == -infinity());
  }
  return domain(v) * domain(d);
}

@compute @workgroup_size(width, rows)
fn softmax_grad(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
               @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups, p.rows, p.n);
  let sum = sum_of_row(row, 0, 0, 0);
  for (var f = 0u; f < row.n; f += width) {
    let i = f + row.lane;
    if (i < row.n) {
      let v = y[row.start + i];
      let d = dy[row.start + i];
      if (logarithm) {
        dx[row.start + i] = select(domain(p.scale) * domain(addend(d) - domain(exp(v)) * domain(sum)), 0, v == -infinity());
      } else {
        dx[row.start + i] = domain(p.scale) * domain(domain(v) * domain(addend(d) - sum));
      }
    }
  }
}
