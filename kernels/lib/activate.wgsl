// activate: y = f(x) for n numbers, f chosen by the override activation: 1 relu, 2 gelu, 3 silu, 4 tanh, 5 sigmoid.
// Shapes: n; x[n], y[n] f32.
// Order: the chain of f in include/activation.wgsl.
// Error: relu none, tanh 0.5, sigmoid 3, silu 4 units in the last place of the result; gelu 4 and, as its argument is rounded,
// 2 |z| more where z = 1.6 x + 0.07 x^3; for gelu and silu 2^-51 besides, for sigmoid 2^-63.
// Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
// include: point
// include: domain
// include: activation
// include: fused
struct Params { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn activate(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
            @builtin(num_workgroups) groups: vec3<u32>) {
  let i = point_of(local, group, groups);
  if (i >= p.n) {
    return;
  }
  y[i] = activated(x[i]);
}
