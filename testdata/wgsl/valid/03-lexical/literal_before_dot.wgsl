// expect 0.0: 1.0 1.5
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { out[0] = vec2f(1.,2.).x; out[1] = 1.5; }
