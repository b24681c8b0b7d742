// in 0.1: 3 5
// expect 0.0: 96 128 4
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let a = inp[0]; let b = inp[1]; out[0] = a<<b; out[1] = 1024u>>a; var x = 1u; x<<=a; x>>=1u; out[2] = x; }
