// clip: scales gradients down to a global norm, in place.
// Shapes: n, limit; squares[1] f32, the sum of the squares of all gradients that are clipped together; g[n] f32.
// Order: norm = sqrt(squares[0]); where norm > limit, g' = g * (limit / norm), and else g stays, bit for bit. So where the norm is a
// NaN nothing changes, and where it is infinite g' is +-0.
// Error: 2^-22 of the result for the squares given, or 2^-149.
// Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
struct Params { n: u32, limit: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> squares: array<f32>;
@group(0) @binding(2) var<storage, read_write> g: array<f32>;

@compute @workgroup_size(size)
fn clip(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>) {
  let norm = sqrt(squares[0]);
  if (!(norm > p.limit)) {
    return;
  }
  let factor = p.limit / norm;
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= p.n) {
      return;
    }
    g[i] = g[i] * factor;
    i += size;
  }
}
