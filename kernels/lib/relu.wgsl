// relu: y = max(x, 0) for n numbers.
// Shapes: n; x[n], y[n] f32.
// Order: y is x where x > 0 and +0 elsewhere, NaN included.
// Error: none.
// Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
struct Params { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn relu(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= p.n) {
      return;
    }
    let v = x[i];
    y[i] = select(0.0, v, v > 0.0);
    i += size;
  }
}
