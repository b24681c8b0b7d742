var<workgroup> a: atomic<u32>; fn f() { a++; }
// error 1:41 an atomic is written with atomicStore
