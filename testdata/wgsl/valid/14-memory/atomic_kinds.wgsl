// in 0.1: 100 100 255 15 6 5 5 1 2
// expect 0.1: 128 72 0 65295 249 0xfffffff9 7 77 0xfffffffb
struct A { a: atomic<u32>, b: atomic<u32>, c: atomic<u32>, d: atomic<u32>, e: atomic<u32>, f: atomic<i32>, g: atomic<i32>, h: atomic<u32>, i: atomic<i32> }
@group(0) @binding(1) var<storage, read_write> a: A;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) {
  atomicAdd(&a.a, i); atomicSub(&a.b, i); atomicAnd(&a.c, ~(1u << i)); atomicOr(&a.d, 1u << (i + 8)); atomicXor(&a.e, 1u << i); atomicMin(&a.f, -i32(i)); atomicMax(&a.g, i32(i)); if i == 0 { atomicStore(&a.h, 77); } if i == 1 { _ = atomicExchange(&a.i, -5); }
}
