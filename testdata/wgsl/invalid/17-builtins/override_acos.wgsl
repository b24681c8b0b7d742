// override: x=2
override x: f32; override y = acos(x);
@group(0) @binding(0) var<storage, read_write> out: f32;
@compute @workgroup_size(1) fn main() { out = y; }
// kernel-error 2:31 the value of "acos" is not finite here
