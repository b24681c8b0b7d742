// expect 0.0: 10
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// The rule looks at one call: a variable may be given to two calls, and be written between.
fn put(a: ptr<function, u32>, x: u32) { *a = x; }
@compute @workgroup_size(1)
fn main() { var v = 1u; put(&v, v + 1); put(&v, v * 5); out[0] = v; }
