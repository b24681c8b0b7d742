// expect 0.0: 5
// Two variables may share a binding if no entry point uses both.
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> a: u32; @group(0) @binding(1) var<storage, read> b: array<f32>;
@compute @workgroup_size(1)
fn main() { out[0] = 5; }
@compute @workgroup_size(1) fn second() { out[0] = a; }
@compute @workgroup_size(1) fn third() { out[0] = u32(b[0]); }
