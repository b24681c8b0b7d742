// scatter: y[r, c] = v[r] where c = index[r], and 0 elsewhere: the gradient of the greatest or least of each row.
// Shapes: rows, n; v[rows] f32, index[rows] u32, y[rows, n] f32.
// Order: a copy.
// Error: none.
// Grid: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
// include: column
override each: u32 = 8; // rows that an invocation does

struct Params { rows: u32, n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> v: array<f32>;
@group(0) @binding(2) var<storage, read> index: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn scatter(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>,
           @builtin(num_workgroups) groups: vec3<u32>) {
  let c = id.x;
  if (c >= p.n) {
    return;
  }
  let first = rows_before(group, groups, each);
  let last = min(first + each, p.rows);
  for (var r = first; r < last; r++) {
    y[r * p.n + c] = select(0, v[r], c == index[r]);
  }
}
