@group(1.0) @binding(0) var<storage> a: u32;
// error 1:8 the argument of @group is an integer, not abstract-float
