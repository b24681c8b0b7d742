// expect 0.0: 0x3f800000 1 0x3e99999a 0x41200000 0x40200000
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// Abstract floats have 53 bits and abstract integers 64.
const a = 16777217.0 - 16777216.0; const b = 9007199254740993 - 9007199254740992; const c = 0.1 + 0.2; const d = 1e300 / 1e299; const e = 3 / 2 + 3 / 2.0;
@compute @workgroup_size(1)
fn main() { out[0] = bitcast<u32>(f32(a)); out[1] = b; out[2] = bitcast<u32>(f32(c)); out[3] = bitcast<u32>(f32(d)); out[4] = bitcast<u32>(f32(e)); }
