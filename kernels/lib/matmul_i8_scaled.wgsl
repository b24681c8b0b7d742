// matmul_i8_scaled: C = activation(A B + bias) of quantised operands, a scale for each row of A and each column of B.
// Shapes: m, n, k, batch, a_step, b_step; a[m, k] (transpose_a: [k, m]), b[k, n] (transpose_b: [n, k]) int8, four in a
// word, the first in the lowest bits, rows in whole words; row_scale[batch, m], col_scale[n], bias[n] (read with
// with_bias only), c[m, n] f32. Matrix z of the batch starts at word z a_step of a, z b_step of b (0: all share one) and
// element z m n of c.
// Order: v = the sum, exact in i32, rounded to f32; v = v * row_scale[i]; v = v * col_scale[j]; with_bias: v = v + bias[j];
// v = activation(v).
// Error: of the scaled sum, 3 2^-24 of it.
// Grid: ceil(n / (x cols)), ceil(m / (y rows)), batch.
// include: int8
// include: matmul
// include: columns
// include: domain
// include: activation
// include: fused
override with_bias: bool = false;

@group(0) @binding(3) var<storage, read> row_scale: array<f32>;
@group(0) @binding(4) var<storage, read> col_scale: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read_write> c: array<f32>;

fn finish(z: u32, row: u32, col: u32, sum: i32) {
  var v = f32(sum) * row_scale[z * p.m + row] * col_scale[col];
  if (with_bias) {
    v = v + bias[col];
  }
  c[(z * p.m + row) * p.n + col] = activated(v);
}

@compute @workgroup_size(x, y)
fn matmul_i8_scaled(@builtin(local_invocation_id) local: vec3<u32>, @builtin(local_invocation_index) index: u32,
                    @builtin(workgroup_id) group: vec3<u32>) {
  multiply(local, index, group);
}
