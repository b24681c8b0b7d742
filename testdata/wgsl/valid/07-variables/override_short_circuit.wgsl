// override: n=0
// expect 0.0: 0 1
// What && and || do not evaluate may not be valid.
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override n: u32 = 1; override a = n != 0 && 10 / n > 1; override b = n == 0 || 10 / n > 1;
@compute @workgroup_size(1)
fn main() { out[0] = u32(a); out[1] = u32(b); }
