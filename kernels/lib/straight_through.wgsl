// straight_through: the gradient of quantising and dequantising, taken as the identity inside the range and 0 outside.
// Shapes: n, low, high; x[n], what was quantised, dy[n], dx[n] f32.
// Order: dx is dy where low <= x <= high, bit for bit, and +0 elsewhere, where x is a NaN too.
// Error: none.
// Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
struct Params { n: u32, low: f32, high: f32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<u32>;
@group(0) @binding(3) var<storage, read_write> dx: array<u32>;

@compute @workgroup_size(size)
fn straight_through(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
                    @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= p.n) {
      return;
    }
    let v = x[i];
    dx[i] = select(0, dy[i], v >= p.low && v <= p.high);
    i += size;
  }
}
