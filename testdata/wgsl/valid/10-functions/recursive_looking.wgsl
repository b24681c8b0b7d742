// expect 0.0: 8
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// The same name at different scopes is no recursion.
fn f(x: u32) -> u32 { let g = x + 1; return g; }
fn g(f: u32) -> u32 { return f * 2; }
@compute @workgroup_size(1)
fn main() { out[0] = g(f(3)); }
