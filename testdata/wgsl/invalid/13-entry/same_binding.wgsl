@group(0) @binding(0) var<storage> a: u32; @group(0) @binding(0) var<storage> b: u32;
@compute @workgroup_size(1) fn main() { _ = a + b; }
// error 1:79 entry point "main" uses "a" and "b", both at @group(0) @binding(0)
