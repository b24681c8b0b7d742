var<workgroup> w: atomic<u32>; fn f() { let a = w; }
// error 1:49 an atomic is read with atomicLoad
