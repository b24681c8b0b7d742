override g: u32; @group(g) @binding(0) var<storage> a: u32;
// error 1:25 the argument of @group must be a constant expression
