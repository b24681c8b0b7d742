// expect 0.0: 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@diagnostic(off, derivative_uniformity) fn f() -> u32 { return 3; }
@diagnostic(warning, derivative_uniformity) @compute @workgroup_size(1)
fn main() { out[0] = f(); }
