// f32_to_bf16: n numbers to bf16.
// Shapes: n; x[n] f32, y[ceil(n / 2)] words of two bf16, the first in the lower half; the upper half is 0 where n ends.
// Order: the nearest bf16, to even in a tie, subnormals too; every NaN gives 0x7fc0. In integers.
// Error: 2^-8 of the number between 2^-126 and 255/256 2^128, 2^-134 below.
// Grid: ceil(ceil(n / 2) / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
// include: bf16
struct Params { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(size)
fn f32_to_bf16(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
               @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= (p.n + 1) / 2) {
      return;
    }
    var w = bf16_from(x[2 * i]);
    if (2 * i + 1 < p.n) {
      w |= bf16_from(x[2 * i + 1]) << 16;
    }
    y[i] = w;
    i += size;
  }
}
