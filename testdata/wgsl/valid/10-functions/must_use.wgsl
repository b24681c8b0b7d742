// expect 0.0: 3 7
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@must_use fn f() -> u32 { return 3; }
fn g() -> u32 { return 4; }
@compute @workgroup_size(1)
fn main() { out[0] = f(); _ = f(); g(); let x = f() + g(); out[1] = x; }
