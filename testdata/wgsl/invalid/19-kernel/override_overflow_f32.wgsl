// override: x=3e38
override x: f32; override y = x * 10;
@group(0) @binding(0) var<storage, read_write> out: f32;
@compute @workgroup_size(1) fn main() { out = y; }
// kernel-error 2:33 "*" overflows f32: 3.0000000054977558e+38 * 10
