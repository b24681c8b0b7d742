@group(0) @binding(0) var<storage, read_write> a: atomic<u32>;
fn f() { let x = atomicAdd(&a, 1); }
// error 2:18 using the value that "atomicAdd" returns is refused by the profile: it depends on the order of the invocations
