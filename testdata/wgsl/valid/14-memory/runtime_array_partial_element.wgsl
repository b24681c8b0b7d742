// in 0.1: 9 0 1 2 3 4 5
// expect 0.0: 2 4 0
// A buffer that holds no whole number of elements: the rest is no element.
struct H { n: u32, a: array<vec2u> }
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> h: H;
@compute @workgroup_size(1)
fn main() { out[0] = arrayLength(&h.a); out[1] = h.a[1].y; out[2] = h.a[2].x; }
