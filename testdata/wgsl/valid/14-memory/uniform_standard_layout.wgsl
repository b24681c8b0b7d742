// in 0.1: 1 2 3
// expect 0.0: 3
requires uniform_buffer_standard_layout;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<uniform> x: array<u32, 3>;
@compute @workgroup_size(1) fn main() { out[0] = x[2]; }
