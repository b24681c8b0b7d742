// expect 0.0: 5 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { var a: array<u32, 2,> = array<u32, 2,>(4, 5,); let v: vec2<u32,> = vec2<u32,>(1, 2,); out[0] = a[1]; out[1] = v.y; }
