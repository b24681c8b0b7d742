// attention_delta: what the gradient of a softmax takes off each of its rows: the products of attention's results with their
// gradients.
// Shapes: rows (batch * n * heads), dim; y[rows][dim], dy[rows][dim], delta[rows] f32.
// Order: one chain from +0: delta = delta + dy[c] * y[c], columns ascending, elements below 2^-51 in magnitude taken as +0.
// Error: (dim + 1) 2^-24 sum |dy y|, besides what the domain leaves out.
// Grid: ceil(rows / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: domain
// include: line
struct Params { rows: u32, dim: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> delta: array<f32>;

@compute @workgroup_size(size)
fn attention_delta(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
                   @builtin(num_workgroups) groups: vec3<u32>) {
  var row = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (row >= p.rows) {
      return;
    }
    var sum = 0.0;
    for (var c = 0u; c < p.dim; c++) {
      sum += domain(dy[row * p.dim + c]) * domain(y[row * p.dim + c]);
    }
    delta[row] = sum;
    row += size;
  }
}
