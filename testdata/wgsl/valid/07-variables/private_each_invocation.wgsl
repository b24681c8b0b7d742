// expect 0.0: 12 14 16 18
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32 = 5; var<private> v = vec2u(1, 2);
fn next() -> u32 { n += 1; return n; }
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { for (var k = 0u; k < i; k++) { _ = next(); } v.x += n; out[i] = v.x * v.y; }
