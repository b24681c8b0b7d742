// override: x=2.75
// expect 0.0: 5 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override x: f32; override y = i32(x * 2); override z = u32(clamp(x, 0.0, 1.5));
@compute @workgroup_size(1)
fn main() { out[0] = u32(y); out[1] = z; }
