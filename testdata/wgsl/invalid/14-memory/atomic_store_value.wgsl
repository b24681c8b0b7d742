var<workgroup> a: atomic<u32>; fn f() { let x = atomicStore(&a, 1u); }
// error 1:49 function "atomicStore" gives no value
