var<workgroup> a: atomic<u32>; fn f() { atomicAdd(a, 1); }
// error 1:51 an atomic is read with atomicLoad
