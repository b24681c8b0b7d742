// activate_grad: dx = dy f'(x) for n numbers: the gradient of activate.
// Shapes: n; x[n] what activate was given, dy[n], dx[n] f32.
// Order: the slope of include/activation_slope.wgsl at x, times dy, both of the domain (include/domain.wgsl);
// relu has none at 0.
// Error: 2^-20 (1 + |dy|) for |x| up to 64, for relu 2^-51.
// Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
// include: point
// include: domain
// include: activation
// include: fused
// include: activation_slope
struct Params { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(size)
fn activate_grad(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
                 @builtin(num_workgroups) groups: vec3<u32>) {
  let i = point_of(local, group, groups);
  if (i >= p.n) {
    return;
  }
  dx[i] = domain(activation_slope(x[i])) * domain(dy[i]);
}
