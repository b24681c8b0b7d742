// matmul_bf16: C = activation(A B + bias) of bf16 operands with f32 sums, for one pair of matrices or a batch.
// Shapes: m, n, k, batch, a_step, b_step; a[m, k] (transpose_a: [k, m]), b[k, n] (transpose_b: [n, k]) bf16, two in a
// word, the first in the lower half, rows in whole words; bias[n] f32 (read with with_bias only); c[m, n] f32, or with to_bf16
// bf16 like a and b, the half after an odd row 0. Matrix z of the batch starts at word z a_step of a, z b_step of b (0: all
// share one); those of c follow each other.
// Order: the sum is made in blocks of 256 terms, k ascending: block = +0; block = block + a[i, k] b[k, j], the product
// exact (or infinite), the sum rounded to f32; total = +0; total = total + block. Elements of a and b below 2^-55 in magnitude count as
// +0. Then, each where it is asked for: accumulate: v = c + v; with_bias: v = v + bias[j]; v = activation(v);
// to_bf16: v is rounded to bf16, to even in a tie, NaN to 0x7fc0.
// Error: of the sum, (min(k, 256) + ceil(k / 256)) 2^-24 sum |a b|, and 2^-55 (|a| + |b|) for each pair that the domain
// leaves out; with to_bf16 2^-8 of the result.
// Grid: ceil(n / (x cols)), ceil(m / (y rows)), batch.
// include: domain
// include: activation
// include: fused
// include: matmul
// include: bf16
override accumulate: bool = false;
override with_bias: bool = false;
override to_bf16: bool = false; // wants an even number of cols
override pairs: u32 = 1 / u32(!to_bf16 || cols % 2 == 0);
alias term = f32;
alias whole = f32;
const per = 2u;

struct Params { m: u32, n: u32, k: u32, batch: u32, a_step: u32, b_step: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read> b: array<u32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<u32>;

fn term_of(word: u32, i: u32) -> f32 {
  return domain_bf16(select(word << 16, word & 0xffff0000, i == 1));
}

fn finished(sum: f32, old: u32, col: u32) -> u32 {
  var v = sum;
  if (accumulate) {
    v = bitcast<f32>(old) + v;
  }
  if (with_bias) {
    v = v + bias[col];
  }
  return bitcast<u32>(activated(v));
}

fn finish(z: u32, row: u32, col: u32, sum: f32) {
  let at = (z * p.m + row) * p.n + col;
  if (col < p.n) {
    c[at] = finished(sum, c[at], col);
  }
}

// finish_pair is finish for two columns that share a word.
fn finish_pair(z: u32, row: u32, word: u32, first: f32, second: f32) {
  let at = (z * p.m + row) * across(p.n) + pairs * word;
  let col = 2 * word;
  if (col >= p.n) {
    return;
  }
  let old = c[at];
  var w = bf16_from(finished(first, old << 16, col));
  if (col + 1 < p.n) {
    w |= bf16_from(finished(second, old & 0xffff0000, col + 1)) << 16;
  }
  c[at] = w;
}

// finish_row hands an invocation's sums in a row on. Of four columns the third shares a word with the first, the fourth with
// the second.
fn finish_row(z: u32, row: u32, left: u32, at: u32, v: vec4<f32>) {
  if (row >= p.m) {
    return;
  }
  if (to_bf16) {
    finish_pair(z, row, left / 2 + column_word(at, 0), v.x, select(v.y, v.z, cols == 4));
    if (cols == 4) {
      finish_pair(z, row, left / 2 + column_word(at, 1), v.y, v.w);
    }
    return;
  }
  if (cols > 0) { finish(z, row, left + column(at, 0), v.x); }
  if (cols > 1) { finish(z, row, left + column(at, 1), v.y); }
  if (cols > 2) { finish(z, row, left + column(at, 2), v.z); }
  if (cols > 3) { finish(z, row, left + column(at, 3), v.w); }
}

@compute @workgroup_size(x, y)
fn matmul_bf16(@builtin(local_invocation_id) local: vec3<u32>, @builtin(local_invocation_index) index: u32,
               @builtin(workgroup_id) group: vec3<u32>) {
  multiply(local, index, group);
}
