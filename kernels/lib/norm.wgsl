// norm: LayerNorm along rows, y = (x - mean) / sqrt(variance + epsilon) gain + shift; where the override centred is false
// RMSNorm, y = x / sqrt(mean square + epsilon) gain.
// Shapes: rows, n, epsilon; x[rows, n], gain[n], shift[n] (any one word if not centred), y[rows, n], stats[rows, 2] f32:
// the mean (0 if not centred) and 1 / sqrt(...), which norm_grad wants.
// Order: mean = (sum of x) / n; d = x - mean; q = (sum of d d) / n; r = inverseSqrt(q + epsilon); y = ((d r) gain) + shift. Sums
// as in include/chains.wgsl. Not centred, d is x and there is no shift. Factors are of the domain (include/domain.wgsl), terms of
// that of sums (include/addend.wgsl).
// Error: 2^-24 (20 + n/64) (|gain| max(|x|) r + |shift|), where max is over the row, and 2^-50 (1 + r) (1 + |gain|).
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
// include: infinity
// include: domain
// include: addend
// include: row
// include: chains
struct Params { rows: u32, n: u32, epsilon: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> shift: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> stats: array<f32>;

override centred: bool = true;

fn from_mean(v: f32, mean: f32) -> f32 {
  if (centred) {
    return domain(addend(v) - addend(mean));
  }
  return domain(v);
}

// 0: x, 1: d d.
fn term(what: u32, row: Row, i: u32, mean: f32, b: f32) -> f32 {
  let v = x[row.start + i];
  if (what == 0) {
    return addend(v);
  }
  let d = from_mean(v, mean);
  return d * d;
}

@compute @workgroup_size(width, rows)
fn norm(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
       @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups, p.rows, p.n);
  let count = f32(p.n);
  var mean = 0.0;
  if (centred) {
    mean = sum_of_row(row, 0, 0, 0) / count;
  }
  let r = inverseSqrt(sum_of_row(row, 1, mean, 0) / count + p.epsilon);
  for (var f = 0u; f < row.n; f += width) {
    let i = f + row.lane;
    if (i < row.n) {
      let v = domain(from_mean(x[row.start + i], mean) * domain(r)) * domain(gain[i]);
      if (centred) {
        y[row.start + i] = v + addend(shift[i]);
      } else {
        y[row.start + i] = v;
      }
    }
  }
  if (row.lane == 0 && row.there) {
    stats[2 * row.index] = mean;
    stats[2 * row.index + 1] = r;
  }
}
