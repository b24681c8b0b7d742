// in 0.1: 2.75 -2.75 0.15625
// expect 0.0: 0x3f400000 0x3e800000 0xbf400000 0xc0000000 0x3f200000 0xfffffffe 0xc0000000 4 0x3f300000 0x41b00000 0x3e800000 0x40300000
@group(0) @binding(1) var<storage, read> inp: array<f32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  out[0] = bitcast<u32>(fract(inp[0])); out[1] = bitcast<u32>(fract(inp[1])); let m = modf(inp[1]); out[2] = bitcast<u32>(m.fract); out[3] = bitcast<u32>(m.whole); let f = frexp(inp[2]); out[4] = bitcast<u32>(f.fract); out[5] = u32(f.exp);
  let mv = modf(vec2f(inp[0], inp[1])); out[6] = bitcast<u32>(mv.whole.y); let fv = frexp(vec3f(inp[0], 8, 1)); out[7] = u32(fv.exp.y); out[8] = bitcast<u32>(fv.fract.x); out[9] = bitcast<u32>(ldexp(inp[0], 3)); out[10] = bitcast<u32>(ldexp(vec2f(1, inp[0]), vec2i(-2, 1)).x); out[11] = bitcast<u32>(ldexp(fv.fract.x, fv.exp.x));
}
