// expect 0.1: 9 7
// in 0.1: 4 5
@group(0) @binding(1) var<storage, read_write> a: array<atomic<u32>, 2>;
@compute @workgroup_size(1)
fn main() { atomicExchange(&a[0], 9); _ = atomicAdd(&a[1], 2); }
