// matmul_i8: C = A B of bytes, exact in i32, for one pair of matrices or a batch.
// Shapes: m, n, k, batch, a_step, b_step; a[m, k] (transpose_a: [k, m]), b[k, n] (transpose_b: [n, k]) int8, four in a
// word, the first in the lowest bits, rows in whole words; c[m, n] i32. Matrix z of the batch starts at word z a_step of a,
// z b_step of b (0: all share one) and element z m n of c.
// Order: none: integers, which wrap. With accumulate the old c is added.
// Error: none.
// Grid: ceil(n / (x cols)), ceil(m / (y rows)), batch.
// include: int8
// include: matmul
// include: columns
override accumulate: bool = false;

@group(0) @binding(3) var<storage, read_write> c: array<i32>;

fn finish(z: u32, row: u32, col: u32, sum: i32) {
  let at = (z * p.m + row) * p.n + col;
  var v = sum;
  if (accumulate) {
    v += c[at];
  }
  c[at] = v;
}

@compute @workgroup_size(x, y)
fn matmul_i8(@builtin(local_invocation_id) local: vec3<u32>, @builtin(local_invocation_index) index: u32,
             @builtin(workgroup_id) group: vec3<u32>) {
  multiply(local, index, group);
}
