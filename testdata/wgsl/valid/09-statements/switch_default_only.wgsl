// expect 0.0: 1 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { switch 5 { default { out[0] = 1; } } switch out[0] { default: { out[1] = 2; } } }
