// expect 0.0: 31 33
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { var i = 0u; loop { let step = i + 1; var twice = step * 2; continuing { i += step; twice += 1; out[1] = twice; break if i > 20; } } out[0] = i; }
