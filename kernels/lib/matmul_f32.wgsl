// matmul_f32: C = activation(A B + bias), for one pair of matrices or a batch.
// Shapes: m, n, k, batch, a_step, b_step; a[m, k] (transpose_a: [k, m]), b[k, n] (transpose_b: [n, k]), bias[n] (read
// with with_bias only), c[m, n], all f32. Matrix z of the batch starts at word z a_step of a, z b_step of b (0: all
// share one) and element z m n of c.
// Order: the sum is made in blocks of 256 terms, k ascending: block = +0; block = block + a[i, k] b[k, j], the product
// rounded, then the sum; total = +0; total = total + block. Elements of a and b below 2^-51 in magnitude count as +0.
// Then, each where it is asked for: accumulate: v = c + v; with_bias: v = v + bias[j]; v = activation(v).
// Error: of the sum, (min(k, 256) + ceil(k / 256)) 2^-24 sum |a b|, and 2^-51 (|a| + |b|) for each pair that the domain
// leaves out.
// Grid: ceil(n / (x cols)), ceil(m / (y rows)), batch.
// include: domain
// include: activation
// include: fused
// include: matmul
// include: columns
override accumulate: bool = false;
override with_bias: bool = false;
alias term = f32;
alias whole = f32;
const per = 1u;

struct Params { m: u32, n: u32, k: u32, batch: u32, a_step: u32, b_step: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;

fn term_of(word: f32, i: u32) -> f32 {
  return domain(word);
}

fn finish(z: u32, row: u32, col: u32, sum: f32) {
  let at = (z * p.m + row) * p.n + col;
  var v = sum;
  if (accumulate) {
    v = c[at] + v;
  }
  if (with_bias) {
    v = v + bias[col];
  }
  c[at] = activated(v);
}

@compute @workgroup_size(x, y)
fn matmul_f32(@builtin(local_invocation_id) local: vec3<u32>, @builtin(local_invocation_index) index: u32,
              @builtin(workgroup_id) group: vec3<u32>) {
  multiply(local, index, group);
}
