// in 0.1: 0
// expect 0.0: 2 2
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
fn tick(x: u32) -> u32 { n += 1; return x; }
@compute @workgroup_size(1)
fn main() { out[0] = select(tick(1), tick(2), inp[0] == 0); out[1] = n; }
