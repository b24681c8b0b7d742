// axpy: z = a x + y for n numbers. Its gradients are scale of dz, and dz.
// Shapes: n, a; x[n], y[n], z[n] f32.
// Order: a multiplication, rounded, and an addition.
// Error: 2^-24 (|a x| + |z|).
// Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
// include: point
struct Params { n: u32, a: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn axpy(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  let i = point_of(local, group, groups);
  if (i >= p.n) {
    return;
  }
  z[i] = p.a * x[i] + y[i];
}
