// override: w=3
override w: u32; @group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() { let v = vec3u(out[0]); out[1] = v[w]; }
// kernel-error 3:75 index 3 is out of bounds of vec3<u32>
