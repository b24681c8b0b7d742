// expect 0.0: 11
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override a = b + 1; override b = c * 2; override c = 5u;
@compute @workgroup_size(1)
fn main() { out[0] = a; }
