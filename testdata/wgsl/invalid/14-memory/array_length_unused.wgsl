@group(0) @binding(0) var<storage> a: array<u32>; fn f() { arrayLength(&a); }
// error 1:60 the value of function "arrayLength" must be used
