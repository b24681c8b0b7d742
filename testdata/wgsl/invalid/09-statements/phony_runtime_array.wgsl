@group(0) @binding(0) var<storage> a: array<u32>;
fn f() { _ = a; }
// error 2:14 cannot be loaded as a whole
