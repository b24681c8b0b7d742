// override: k=3
// expect 0.0: 4 20 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
override k: u32 = 1;
fn f() -> u32 { return k + 1; }
fn g(x: u32) -> u32 { if k > 2 { return x * f(); } return x; }
@compute @workgroup_size(1)
fn main() { out[0] = f(); out[1] = g(5); var s = 0u; for (var i = 0u; i < k; i++) { s += i; } out[2] = s; }
