@group(0) @binding(0) var<storage> a: array<u32>; fn f() { a[0] = 1; }
// error 1:60 memory in address space storage with access read cannot be written
