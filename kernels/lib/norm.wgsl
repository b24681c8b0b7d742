// norm: LayerNorm along rows, y = (x - mean) / sqrt(variance + epsilon) gain + shift; where the override centred is false
// RMSNorm, y = x / sqrt(mean square + epsilon) gain.
// Shapes: rows, n, epsilon; x[rows, n], gain[n], shift[n] (any one word if not centred), y[rows, n], stats[rows, 2] f32:
// the mean (0 if not centred) and 1 / sqrt(...), which norm_grad wants.
// Order: mean = (sum of x) / n; d = x - mean; q = (sum of d d) / n; r = inverseSqrt(q + epsilon); y = ((d r) gain) + shift. Sums
// as in include/chains.wgsl. Not centred, d is x and there is no shift.
// Error: 2^-24 (20 + n/64) (|gain| max(|x|) r + |shift|), where max is over the row.
// Grid: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
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

@compute @workgroup_size(width, rows)
fn norm(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  let row = row_of(local, group, groups);
  let start = row * p.n;
  let n = select(0, p.n, row < p.rows);
  let count = f32(p.n);

  var mean = 0.0;
  if (centred) {
    for (var f = 0u; f < chains; f += width) {
      let c = f + local.x;
      var sum = 0.0;
      for (var b = 0u; b < n; b += chains) {
        let i = b + c;
        sum += select(0, x[start + i], i < n);
      }
      put_chain(local, c, sum);
    }
    mean = sum_of_chains(local) / count;
  }

  for (var f = 0u; f < chains; f += width) {
    let c = f + local.x;
    var sum = 0.0;
    for (var b = 0u; b < n; b += chains) {
      let i = b + c;
      var d = x[start + i];
      if (centred) {
        d -= mean;
      }
      sum += select(0, d * d, i < n);
    }
    put_chain(local, c, sum);
  }
  let r = inverseSqrt(sum_of_chains(local) / count + p.epsilon);

  for (var f = 0u; f < n; f += width) {
    let i = f + local.x;
    if (i < n) {
      if (centred) {
        y[start + i] = (x[start + i] - mean) * r * gain[i] + shift[i];
      } else {
        y[start + i] = x[start + i] * r * gain[i];
      }
    }
  }
  if (local.x == 0 && row < p.rows) {
    stats[2 * row] = mean;
    stats[2 * row + 1] = r;
  }
}
