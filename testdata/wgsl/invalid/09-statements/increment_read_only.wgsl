@group(0) @binding(0) var<storage, read> a: u32; fn f() { a++; }
// error 1:59 memory in address space storage with access read cannot be written
