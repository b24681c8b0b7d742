@group(0) @binding(0) var<storage, read> a: atomic<u32>; fn f() -> u32 { return atomicLoad(&a); }
// error 1:45 an atomic lives in workgroup or read_write storage memory, not in storage read
