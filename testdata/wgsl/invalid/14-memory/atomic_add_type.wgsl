var<workgroup> a: atomic<u32>; fn f() { atomicAdd(&a, 1i); }
// error 1:55 the value is i32, want u32
