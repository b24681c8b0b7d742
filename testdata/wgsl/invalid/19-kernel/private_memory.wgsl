var<private> p: array<u32, 1500>;
var<private> q: array<u32, 1500>;
@group(0) @binding(0) var<storage, read_write> o: array<u32>;
@compute @workgroup_size(1) fn main() { p[o[0]] = o[1]; q[o[1]] = o[2]; o[3] = p[o[4]] + q[o[5]]; }
// kernel-error 2:14 the kernel's arrays need more than 8192 bytes of private memory
