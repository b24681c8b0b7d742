@group(0) @binding(0) var<storage> a: array<u32>; fn f() -> u32 { return arrayLength(a); }
// error 1:86 a value of type array<u32> cannot be loaded as a whole
