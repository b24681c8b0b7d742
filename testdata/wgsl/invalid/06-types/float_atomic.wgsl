@group(0) @binding(0) var<storage, read_write> a: atomic<f32>;
// error 1:51 atomic<f32> is refused by the profile: float atomics depend on the order of the adds
