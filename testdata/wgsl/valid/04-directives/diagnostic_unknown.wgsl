// expect 0.0: 1
// A rule nobody knows is not an error.
diagnostic(warning, some_unknown_rule);
diagnostic(error, vendor.rule);
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() { out[0] = 1; }
