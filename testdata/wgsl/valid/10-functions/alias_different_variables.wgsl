// expect 0.0: 51 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> g: u32; var<private> h: u32;
fn f(a: ptr<private, u32>, b: ptr<private, u32>) { *a = *b + 1; *b = 5; }
fn r(a: ptr<private, u32>) -> u32 { return *a + g; }
@compute @workgroup_size(1)
fn main() { f(&g, &h); out[0] = g + 10 * h; out[1] = r(&g); }
