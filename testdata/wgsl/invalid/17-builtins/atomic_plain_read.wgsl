@group(0) @binding(0) var<storage, read_write> a: atomic<u32>;
fn f() { let x = a; }
// error 2:18 an atomic is read with atomicLoad
