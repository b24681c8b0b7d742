// add: z = x + y for n numbers: a residual. Its gradient is dz for both.
// Shapes: n; x[n], y[n], z[n] f32.
// Order: one addition.
// Error: 0.5 units in the last place.
// Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
// include: point
struct Params { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn add(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
       @builtin(num_workgroups) groups: vec3<u32>) {
  let i = point_of(local, group, groups);
  if (i >= p.n) {
    return;
  }
  z[i] = x[i] + y[i];
}
