// expect 0.0: 0x40800000 665 0x41200000 0x3f2738c7
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const a = ldexp(1.0, 200) / ldexp(1.0, 198); const f = frexp(1e200); const b = f.exp; const c = ldexp(f.fract, f.exp) / 1e199;
@compute @workgroup_size(1)
fn main() { out[0] = bitcast<u32>(f32(a)); out[1] = u32(b); out[2] = bitcast<u32>(f32(c)); out[3] = bitcast<u32>(f32(f.fract)); }
