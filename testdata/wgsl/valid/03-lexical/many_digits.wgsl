// expect 0.0: 3.1415927 1.0 16777216.0
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { out[0] = 3.14159265358979323846264338327950288; out[1] = 0.000000000000000000000000000000000000001e39; out[2] = 16777217.0; }
