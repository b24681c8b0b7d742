// in 0.1: 2
// expect 0.0: 129
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  var n = 0u;
  @diagnostic(off, derivative_uniformity) if inp[0] > 1 @diagnostic(info, derivative_uniformity) { n += 1; } else @diagnostic(off, derivative_uniformity) { n += 2; }
  @diagnostic(off, derivative_uniformity) for (var i = 0; i < 2; i++) { n += 4; }
  @diagnostic(off, derivative_uniformity) while n < 10 { n += 8; }
  @diagnostic(off, derivative_uniformity) loop { n += 16; continuing @diagnostic(off, derivative_uniformity) { break if true; } }
  @diagnostic(off, derivative_uniformity) switch inp[0] @diagnostic(off, derivative_uniformity) { case 2: @diagnostic(off, derivative_uniformity) { n += 32; } default {} }
  @diagnostic(off, derivative_uniformity) { n += 64; }
  out[0] = n;
}
