// f16_to_f32: n binary16 numbers to f32.
// Shapes: n; x[ceil(n / 2)] words of two binary16, the first in the lower half, y[n] f32.
// Order: the same number; every NaN gives 0x7fc00000. In integers.
// Error: none.
// Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
// include: half
struct Params { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(size)
fn f16_to_f32(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
              @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= p.n) {
      return;
    }
    y[i] = half_to((x[i / 2] >> (16 * (i & 1))) & 0xffff);
    i += size;
  }
}
