// expect 0.0: 3 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { let max = 3u; let min = max + 1; out[0] = max; out[1] = min; }
