// softmax: y = exp(scale x) / sum of exp(scale x) along each row, or its logarithm where the override logarithm is true.
// The override mask says which columns of a row count: with 0 all; with 1 (causal) those up to r % period + offset; with 2
// the first lengths[r / period]. The others come out as 0 (-Inf), as -Inf does; so does a row in which nothing else is left.
// +Inf or a NaN that counts makes its row NaN.
// Shapes: rows, n, scale, period, offset; x[rows, n] f32, lengths[rows / period] u32 (any one word but with mask 2),
// y[rows, n] f32. period and offset are not looked at with mask 0.
// Order: v = scale x; m = the greatest v; e = exp(v - m); s = the sum of e as in include/chains.wgsl; y = e (1 / s), or
// (v - m) - log(s).
// Error: 2^-24 (12 + n/128 + 3 max |scale x|) relative to y, and 2^-149; for the logarithm 2^-24 (12 + n/128 + 4 max |scale x|).
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: infinity
// include: row
// include: chains
struct Params { rows: u32, n: u32, scale: f32, period: u32, offset: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> lengths: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

override mask: u32 = 0;
override logarithm: bool = false;

fn columns_of(row: u32) -> u32 {
  switch (mask) {
    case 1: { return min(p.n, row % p.period + p.offset + 1); }
    case 2: { return min(p.n, lengths[row / p.period]); }
    default: { return p.n; }
  }
}

@compute @workgroup_size(width, rows)
fn softmax(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
           @builtin(num_workgroups) groups: vec3<u32>) {
  let inf = infinity();
  let row = row_of(local, group, groups);
  let start = row * p.n;
  let all = select(0, p.n, row < p.rows);
  let n = min(all, columns_of(row));

  for (var f = 0u; f < chains; f += width) {
    let c = f + local.x;
    var top = -inf;
    for (var b = 0u; b < n; b += chains) {
      let i = b + c;
      top = max(top, select(-inf, p.scale * x[start + i], i < n));
    }
    put_chain(local, c, top);
  }
  let top = max_of_chains(local);
  let m = select(top, 0, top == -inf);

  for (var f = 0u; f < chains; f += width) {
    let c = f + local.x;
    var sum = 0.0;
    for (var b = 0u; b < n; b += chains) {
      let i = b + c;
      let e = exp(p.scale * x[start + i] - m);
      if (!logarithm && i < n) {
        y[start + i] = e;
      }
      sum += select(0, e, i < n);
    }
    put_chain(local, c, sum);
  }
  let sum = sum_of_chains(local);

  if (logarithm) {
    let l = select(log(sum), 0, sum == 0);
    for (var f = 0u; f < all; f += width) {
      let i = f + local.x;
      if (i < all) {
        y[start + i] = select(-inf, (p.scale * x[start + i] - m) - l, i < n);
      }
    }
  } else {
    let part = select(1 / sum, 0, sum == 0);
    for (var f = 0u; f < all; f += width) {
      let i = f + local.x;
      if (i < all) {
        y[start + i] = select(0, y[start + i] * part, i < n);
      }
    }
  }
}
