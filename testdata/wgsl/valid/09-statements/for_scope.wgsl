// expect 0.0: 30 100 12
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { var i = 100u; for (var i = 0u; i < 3; i++) { let i = i * 10; out[0] += i; } out[1] = i; for (var k = 0u; k < 2; k++) { var k = 5u; k++; out[2] += k; } }
