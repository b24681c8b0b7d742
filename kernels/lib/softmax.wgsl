// softmax: y = exp(scale x) / sum of exp(scale x) along each row, or its logarithm where the override logarithm is true.
// The override mask says which columns of a row count: with 0 all; with 1 (causal) those up to r % period + offset; with 2
// the first lengths[r / period]. The others come out as 0 (-Inf), as -Inf does; so does a row in which nothing else is left.
// +Inf or a NaN that counts makes its row NaN.
// Shapes: rows, n, scale, period, offset; x[rows, n] f32, lengths[rows / period] u32 (any one word but with mask 2),
// y[rows, n] f32. period and offset are not looked at with mask 0.
// Order: v = scale x, both of the domain (include/domain.wgsl); m = the greatest v; e = exp(v - m), 0 below 2^-94; s = the sum
// of e as in include/chains.wgsl; y = e (1 / s), or (v - m) - log(s).
// Error: 2^-24 (12 + n/128 + 3 max |scale x|) relative to y, and 2^-94; for the logarithm 2^-24 (12 + n/128 + 4 max |scale x|).
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: infinity
// include: domain
// include: addend
// include: weight
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

// 0: v, 1: e, which is kept in y if y is made of it.
fn term(what: u32, row: Row, i: u32, m: f32, b: f32) -> f32 {
  let v = domain(p.scale) * domain(x[row.start + i]);
  if (what == 0) {
    return v;
  }
  let e = weight(exp(v - m));
  if (!logarithm && i < row.n) {
    y[row.start + i] = e;
  }
  return e;
}

@compute @workgroup_size(width, rows)
fn softmax(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
          @builtin(num_workgroups) groups: vec3<u32>) {
  var row = row_of(local, group, groups, p.rows, p.n);
  let all = row.n;
  row.n = min(all, columns_of(row.index));
  let top = max_of_row(row, 0, 0, 0);
  let m = select(top, 0, top == -infinity());
  let sum = sum_of_row(row, 1, m, 0);
  if (logarithm) {
    let l = addend(select(log(sum), 0, sum == 0));
    for (var f = 0u; f < all; f += width) {
      let i = f + row.lane;
      if (i < all) {
        y[row.start + i] = select(-infinity(), (term(0, row, i, 0, 0) - m) - l, i < row.n);
      }
    }
  } else {
    let part = share(select(1 / sum, 0, sum == 0));
    for (var f = 0u; f < all; f += width) {
      let i = f + row.lane;
      if (i < all) {
        y[row.start + i] = select(0, weight(y[row.start + i]) * part, i < row.n);
      }
    }
  }
}
