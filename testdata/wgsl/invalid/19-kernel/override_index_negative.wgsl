// override: w=-1
override w: i32; @group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() { out[w] = 1; }
// kernel-error 3:45 index -1 is out of bounds of array<u32>
