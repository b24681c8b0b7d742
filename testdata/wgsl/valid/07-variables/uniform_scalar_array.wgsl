// in 0.1: 1.0 2.0 3.0 4.0
// expect 0.0: 3.0 4.0
// Uniform buffers may have the layout of storage buffers (uniform_buffer_standard_layout).
@group(0) @binding(1) var<uniform> a: array<f32, 4>;
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main() { var i = 2; out[0] = a[i]; out[1] = a[3]; }
