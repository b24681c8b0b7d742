@binding(0) var<storage> a: u32;
// error 1:26 "a" is a buffer and needs both @group and @binding
