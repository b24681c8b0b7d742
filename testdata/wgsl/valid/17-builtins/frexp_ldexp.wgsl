// in 0.1: 12.0 -0.375 0.0 1e-45 inf
// expect 0.0: 0.75 4 -0.75 -1 0.0 0 0.5 -148 48.0 0x1 3.0 -0.375 -0.0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(1) fn main() {
  for (var i = 0u; i < 4; i++) { let r = frexp(x[i]); out[i * 2] = bitcast<u32>(r.fract); out[i * 2 + 1] = u32(r.exp); }
  out[8] = bitcast<u32>(ldexp(x[0], 2)); out[9] = bitcast<u32>(ldexp(1.0 + x[2], -149)); out[10] = bitcast<u32>(ldexp(ldexp(x[0], 120), -122));
  let m = modf(vec2f(x[1], x[0])); out[11] = bitcast<u32>(m.fract.x); out[12] = bitcast<u32>(m.whole.x);
}
