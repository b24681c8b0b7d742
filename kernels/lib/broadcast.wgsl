// broadcast: y[r, c] = factor v[r], or factor v[c] where the override columns is true: the gradient of reduce_rows and
// reduce_columns of kind 0, with 1/divide as the factor. Of kind 1 it is that, factor doubled, times x (mul).
// Shapes: rows, n, factor; v[rows] or v[n], y[rows, n] f32.
// Order: one multiplication.
// Error: 0.5 units in the last place.
// Grid: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
// include: column
override each: u32 = 8; // rows that an invocation does

struct Params { rows: u32, n: u32, factor: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> v: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

override columns: bool = false;

@compute @workgroup_size(size)
fn broadcast(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
             @builtin(num_workgroups) groups: vec3<u32>) {
  let c = id.x;
  if (c >= p.n) {
    return;
  }
  let first = rows_before(group, groups, each);
  let last = min(first + each, p.rows);
  for (var r = first; r < last; r++) {
    y[r * p.n + c] = v[select(r, c, columns)] * p.factor;
  }
}
