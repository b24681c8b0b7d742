// expect 0.0: 4 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// Names of refused types and functions may be used for anything else.
fn textureLoad(x: u32) -> u32 { return x; } alias sampler = u32; const f16 = 2u;
@compute @workgroup_size(1)
fn main() { let dpdx = 4u; out[0] = textureLoad(dpdx); let s: sampler = f16; out[1] = s; }
