// quantise_q4: n numbers to 4 bits, in blocks of 32 with a scale each.
// Shapes: n; x[n] f32, quants[ceil(n / 32)][4] words, scales[ceil(n / 64)] words. Byte j of a block, the lowest of its first word
// first, has element j in its lower four bits and element 16 + j in its upper; q stands for q - 8 times the scale. Scales are as in
// quantise_q8. (Q4_0 of GGML has the same 18 bytes in another order.)
// Order: d = m / -8 with m the element of greatest magnitude, the first of several, rounded to f32, then to binary16; r = 1 / d, 0
// for d = 0; q is 8 + (x * r, rounded, rounded to even), between 0 and 15. Where d is infinite or a NaN it becomes the NaN 0x7e00, and
// each q 8. Elements from n on count as 0, and scales past the last block are 0.
// Error: 1.01 |d| + 2^-22.
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
  var most = 0u;
  for (var i = 0u; i < 32; i++) {
    let v = bitcast<u32>(number_at(32 * b + i));
    if ((v & 0x7fffffff) > (most & 0x7fffffff)) {
      most = v;
    }
  }
  let scale = half_from(bitcast<u32>(bitcast<f32>(most) / -8.0));
  let broken = (scale & 0x7fff) >= 0x7c00;
  let r = inverse(bitcast<f32>(half_to(scale)));
  for (var w = 0u; w < 4; w++) {
    var word = 0u;
    for (var i = 0u; i < 4; i++) {
      let j = 32 * b + 4 * w + i;
      let low = steps(number_at(j), r, -8, 7) + 8;
      let high = steps(number_at(j + 16), r, -8, 7) + 8;
      word |= bitcast<u32>(low | (high << 4)) << (8 * i);
    }
    quants[4 * b + w] = select(word, 0x88888888, broken);
  }
  return select(scale, 0x7e00, broken);
}

@compute @workgroup_size(size)
fn quantise_q4(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>,
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
