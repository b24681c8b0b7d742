// override: n=0
override n = 1u;
override m = 5 / n;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() { out[0] = m; }
// kernel-error 3:16 integer division by zero: 5 / 0
