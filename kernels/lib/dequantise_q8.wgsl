// dequantise_q8: n numbers from blocks of 32 bytes.
// Shapes: n; quants[ceil(n / 32)][8] words and scales[ceil(n / 64)] words as quantise_q8 writes them, y[n] f32.
// Order: the integer times the scale: exact, since no scale has more than 11 bits.
// Error: none.
// Grid: ceil(n / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
// include: half
// include: blocks
struct Params { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> quants: array<u32>;
@group(0) @binding(2) var<storage, read> scales: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn dequantise_q8(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
                 @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= p.n) {
      return;
    }
    let q = bitcast<i32>(quants[i / 4] << (24 - 8 * (i & 3))) >> 24;
    y[i] = f32(q) * scale_of(scales[i / 64], i / 32);
    i += size;
  }
}
