// expect 0.0: 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@diagnostic(off, derivative_uniformity) @must_use fn f() -> u32 { return 2; }
@compute @workgroup_size(1)
fn main() { out[0] = f(); }
