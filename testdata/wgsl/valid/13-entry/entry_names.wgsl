// expect 0.0: 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn größe() { out[0] = 4; }
@compute @workgroup_size(1) fn _1() {}
