@group(0) @binding(0) var<storage> a: array<u32, 4>;
fn f() { let n = arrayLength(&a); }
// error 2:18 builtin function "arrayLength" cannot take (ptr<storage, array<u32, 4>, read>); it wants a pointer to a runtime-sized array
