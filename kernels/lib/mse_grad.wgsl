// mse_grad: dx = factor (x - t), the gradient of mse for x; factor is 2 / the number of all elements for the mean. That for t
// is scale of it by -1.
// Shapes: n, factor; x[n], t[n], dx[n] f32.
// Order: a subtraction, in the domain of sums (include/addend.wgsl), rounded, and a multiplication, in that of products
// (include/domain.wgsl).
// Error: 2^-23 |dx|, and 2^-51 (1 + factor) (1 + |x - t|).
// Grid: ceil(n / size) workgroups, folded into rows of 65,535 in y.
// include: domain
// include: addend
// include: point
struct Params { n: u32, factor: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> t: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(size)
fn mse_grad(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
            @builtin(num_workgroups) groups: vec3<u32>) {
  let i = point_of(local, group, groups);
  if (i >= p.n) {
    return;
  }
  dx[i] = domain(p.factor) * domain(addend(x[i]) - addend(t[i]));
}
