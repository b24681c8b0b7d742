// sample_top: one of the k candidates of each row that top_k gave, drawn with the probabilities
// softmax(inverse_temperature value) among the first candidates that have the probability top_p together. A row with a NaN
// among the candidates, or with none but -Inf, gives the first.
// Shapes: rows, k, inverse_temperature, top_p, seed_low, seed_high, step; values[rows, k] f32, index[rows, k] u32, token[rows]
// u32. Each step draws anew. top_p = 1 leaves all.
// Order: e = exp((value - first value) inverse_temperature); their sums one chain from the first on, beginning with 0. The
// candidates end with the first whose sum so far is at least top_p times that of all; with u = (word >> 8) 2^-24, word the
// first of Philox4x32-10 at the counter (row, 0, 3, step), the first whose sum so far is greater than u times that of those
// is drawn, or the last.
// Error: 2^-24 (k + 4) of the probabilities.
// Grid: ceil(rows / size) workgroups, folded into rows of 65,535 in y.
// include: point
// include: philox
struct Params {
  rows: u32,
  k: u32,
  inverse_temperature: f32,
  top_p: f32,
  seed_low: u32,
  seed_high: u32,
  step: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read_write> token: array<u32>;

fn weight(start: u32, j: u32) -> f32 {
  return exp((values[start + j] - values[start]) * p.inverse_temperature);
}

@compute @workgroup_size(size)
fn sample_top(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
              @builtin(num_workgroups) groups: vec3<u32>) {
  let row = point_of(local, group, groups);
  if (row >= p.rows) {
    return;
  }
  let start = row * p.k;
  var all = 0.0;
  for (var j = 0u; j < p.k; j++) {
    all += weight(start, j);
  }
  var sum = 0.0;
  var last = 0u;
  for (var j = 0u; j < p.k; j++) {
    sum += weight(start, j);
    if (sum >= p.top_p * all) {
      last = j;
      break;
    }
  }
  let line = unit(philox(vec4(row, 0, 3, p.step), vec2(p.seed_low, p.seed_high)).x) * sum;
  var at = last;
  sum = 0.0;
  for (var j = 0u; j < last; j++) {
    sum += weight(start, j);
    if (sum > line) {
      at = j;
      break;
    }
  }
  token[row] = index[start + at];
}
