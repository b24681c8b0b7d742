// expect 0.0: 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> a: array<u32, 100>; var<workgroup> b: array<f32, 1000>; @group(1) @binding(1) var<uniform> c: vec4f; override d: f32; const e = 1;
fn f() { a[0] = 1; }
@compute @workgroup_size(1)
fn main() { let x = 1; var y = 2; out[0] = 3; }
