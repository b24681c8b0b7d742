// override: k=7
// expect 0.0: 14 9
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override k: u32 = 3; const c = 2; var<private> a: u32 = k * c; var<private> b: vec2u = vec2u(k, c);
@compute @workgroup_size(1)
fn main() { out[0] = a; out[1] = b.x + b.y; }
