// override: n=33
override n: u32; override y = 1u << n;
@group(0) @binding(0) var<storage, read_write> out: u32;
@compute @workgroup_size(1) fn main() { out = y; }
// kernel-error 2:34 shift by 33, but u32 has 32 bits
