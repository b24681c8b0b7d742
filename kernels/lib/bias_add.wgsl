// bias_add: y = x + b, b repeated in every row. Its gradients are dy, and reduce_columns of dy.
// Shapes: rows, n; x[rows, n], b[n], y[rows, n] f32.
// Order: one addition.
// Error: 0.5 units in the last place.
// Grid: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
// include: column
override each: u32 = 8; // rows that an invocation does

struct Params { rows: u32, n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn bias_add(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
            @builtin(num_workgroups) groups: vec3<u32>) {
  let c = id.x;
  if (c >= p.n) {
    return;
  }
  let v = b[c];
  let first = rows_before(group, groups, each);
  let last = min(first + each, p.rows);
  for (var r = first; r < last; r++) {
    y[r * p.n + c] = x[r * p.n + c] + v;
  }
}
