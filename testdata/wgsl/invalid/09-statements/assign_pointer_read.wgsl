@group(0) @binding(0) var<storage, read> a: u32; fn f() { let p = &a; *p = 1; }
// error 1:71 memory in address space storage with access read cannot be written
