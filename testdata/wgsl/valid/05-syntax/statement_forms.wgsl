// expect 0.0: 2 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn f() -> u32 { return 1; }
@must_use fn g() -> u32 { return 2; }
@compute @workgroup_size(1)
fn main() { f(); _ = f(); _ = g(); let a = g(); var b = 0u; b++; b--; b += a; out[0] = b; _ = b; ; { out[1] = a; } }
