@group(0) @binding(0) var<storage> a: array<u32>; fn f() { let b = a; }
// error 1:68 a value of type array<u32> cannot be loaded as a whole
