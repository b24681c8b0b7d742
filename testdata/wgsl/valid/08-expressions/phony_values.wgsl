// expect 0.0: 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
fn f() -> u32 { n = 5; return 1; }
@compute @workgroup_size(1)
fn main() { _ = 1; _ = 1.5; _ = vec2(1, 2); _ = f(); _ = &n; _ = n; _ = array(1, 2); _ = out[0]; _ = &out; out[0] = n; }
