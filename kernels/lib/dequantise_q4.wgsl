// dequantise_q4: n numbers from blocks of 32 numbers of 4 bits.
// Shapes: n; quants[ceil(n / 32)][4] words and scales[ceil(n / 64)] words as quantise_q4 writes them, y[n] f32.
// Order: q - 8 times the scale: exact, since no scale has more than 11 bits.
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
fn dequantise_q4(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
                 @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= p.n) {
      return;
    }
    let word = quants[i / 32 * 4 + (i & 15) / 4];
    let q = bitcast<i32>((word >> (8 * (i & 3) + ((i & 16) / 4))) & 15) - 8;
    y[i] = f32(q) * scale_of(scales[i / 64], i / 32);
    i += size;
  }
}
