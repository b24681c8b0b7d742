override n: u32;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() { out[0] = n; }
// kernel-error 1:10 override "n" has no default and is not given a value
