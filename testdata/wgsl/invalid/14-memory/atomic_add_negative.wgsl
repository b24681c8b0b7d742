var<workgroup> a: atomic<u32>; fn f() { atomicAdd(&a, -1); }
// error 1:55 value -1 cannot be represented as u32
