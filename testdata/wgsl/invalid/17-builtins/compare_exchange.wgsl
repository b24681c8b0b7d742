@group(0) @binding(0) var<storage, read_write> a: atomic<u32>;
fn f() { let x = atomicCompareExchangeWeak(&a, 1, 2); }
// error 2:18 builtin function "atomicCompareExchangeWeak" is refused by the profile: what it does depends on the order of the invocations
