// f32_to_f16: n numbers to binary16.
// Shapes: n; x[n] f32, y[ceil(n / 2)] words of two binary16, the first in the lower half; the upper half is 0 where n ends.
// Order: the nearest binary16, to even in a tie, subnormals too, Inf from 65520 on; every NaN gives 0x7e00. In integers.
// Error: 2^-11 of the number between 2^-14 and 65504, 2^-25 below.
// Grid: ceil(ceil(n / 2) / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
// include: half
struct Params { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(size)
fn f32_to_f16(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
              @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= (p.n + 1) / 2) {
      return;
    }
    var w = half_from(x[2 * i]);
    if (2 * i + 1 < p.n) {
      w |= half_from(x[2 * i + 1]) << 16;
    }
    y[i] = w;
    i += size;
  }
}
