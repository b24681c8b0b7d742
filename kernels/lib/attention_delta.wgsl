// attention_delta: what the gradients of attention want of each row of it: the greatest score, the inverse of the sum of weights, and what
// the gradient of a softmax takes off: the product of attention's result with its gradient.
// Shapes: rows (batch * n * heads), dim; y[rows][dim] and its gradient dy[rows][dim], most[rows] and sum[rows] as attention saved them,
// saved[rows][3] f32: most, 1 / sum and delta.
// Order: most is copied; 1 / sum; delta is one chain from +0: delta = delta + dy[c] * y[c], columns ascending, elements below 2^-51 in
// magnitude taken as +0.
// Error: of delta (dim + 1) 2^-24 sum |dy y|, besides what the domain leaves out; of 1 / sum 0.5 units in the last place.
// Grid: ceil(rows / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: domain
// include: line
struct Params { rows: u32, dim: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> most: array<f32>;
@group(0) @binding(4) var<storage, read> sum: array<f32>;
@group(0) @binding(5) var<storage, read_write> saved: array<f32>;

@compute @workgroup_size(size)
fn attention_delta(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
                   @builtin(num_workgroups) groups: vec3<u32>) {
  var row = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (row >= p.rows) {
      return;
    }
    var delta = 0.0;
    for (var c = 0u; c < p.dim; c++) {
      delta += domain(dy[row * p.dim + c]) * domain(y[row * p.dim + c]);
    }
    saved[3 * row] = most[row];
    saved[3 * row + 1] = 1.0 / sum[row];
    saved[3 * row + 2] = delta;
    row += size;
  }
}
