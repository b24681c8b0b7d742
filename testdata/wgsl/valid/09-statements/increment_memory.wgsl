// expect 0.0: 2 1 0xffffffff
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> p: i32 = -1; var<workgroup> w: u32;
@compute @workgroup_size(1)
fn main() { p++; p++; w--; out[0]++; out[0]++; out[1] = u32(p); out[2] = w; }
