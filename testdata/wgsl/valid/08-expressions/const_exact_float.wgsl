// expect 0.0: 0x3eaaaaab 0x3e99999a 0x4b800000 0x3eaaaaab 0x7f61b1e6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const a = 1.0f / 3.0f; const b = 0.1f + 0.2f; const c = 16777216.0f + 1.0f; const d = f32(1.0 / 3.0); const e = 1e38f * 3;
@compute @workgroup_size(1)
fn main() { out[0] = bitcast<u32>(a); out[1] = bitcast<u32>(b); out[2] = bitcast<u32>(c); out[3] = bitcast<u32>(d); out[4] = bitcast<u32>(e); }
