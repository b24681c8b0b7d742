var<workgroup> a: atomic<u32>; fn f() { _ = a; }
// error 1:45 an atomic is read with atomicLoad
