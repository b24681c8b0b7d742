@group(0) @binding(0) var<storage, read_write> a: u32; fn f() { atomicAdd(&a, 1); }
// error 1:65 builtin function "atomicAdd" cannot take (ptr<storage, u32, read_write>, abstract-int); it wants a pointer to an atomic in workgroup or read_write storage memory
