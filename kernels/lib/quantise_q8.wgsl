// quantise_q8: n numbers to bytes, in blocks of 32 with a scale each.
// Shapes: n; x[n] f32, quants[ceil(n / 32)][8] words, scales[ceil(n / 64)] words. Element 4w + i of a block is byte i, the lowest
// first, of its word w, in two's complement; it stands for that integer times the scale. Scales are binary16: that of block b is
// the lower half of word b/2 where b is even, the upper half where it is odd. (Q8_0 of GGML has the same 34 bytes in another order.)
// Order: d = the greatest magnitude of the block / 127, rounded to f32, then to binary16; r = 1 / d, 0 for d = 0; the integer is
// x * r, rounded, rounded to even, between -127 and 127. Where d is infinite or a NaN it becomes the NaN 0x7e00, and the integers 0.
// Elements from n on count as 0, and scales past the last block are 0.
// Error: 0.501 d + 2^-18.
// Grid: ceil(ceil(n / 64) / (size * each)) workgroups, folded into rows of 65,535 in y.
// include: line
// include: half
// include: steps
struct Params { n: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> quants: array<u32>;
@group(0) @binding(3) var<storage, read_write> scales: array<u32>;

fn number_at(i: u32) -> f32 {
  if (i < p.n) {
    return x[i];
  }
  return 0.0;
}

// Writes block b and gives its scale.
fn quantise(b: u32) -> u32 {
  if (32 * b >= p.n) {
    return 0;
  }
  var most = 0u; // magnitudes are in the order of their bits, and NaNs above all
  for (var i = 0u; i < 32; i++) {
    most = max(most, bitcast<u32>(number_at(32 * b + i)) & 0x7fffffff);
  }
  let scale = half_from(bitcast<u32>(bitcast<f32>(most) / 127.0));
  let broken = scale >= 0x7c00;
  let r = inverse(bitcast<f32>(half_to(scale)));
  for (var w = 0u; w < 8; w++) {
    var word = 0u;
    for (var i = 0u; i < 4; i++) {
      word |= (bitcast<u32>(steps(number_at(32 * b + 4 * w + i), r, -127, 127)) & 255) << (8 * i);
    }
    quants[8 * b + w] = select(word, 0, broken);
  }
  return select(scale, 0x7e00, broken);
}

@compute @workgroup_size(size)
fn quantise_q8(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
               @builtin(num_workgroups) groups: vec3<u32>) {
  var i = first_of(local, group, groups);
  for (var e = 0u; e < each; e++) {
    if (i >= (p.n + 63) / 64) {
      return;
    }
    let low = quantise(2 * i);
    scales[i] = low | (quantise(2 * i + 1) << 16);
    i += size;
  }
}
