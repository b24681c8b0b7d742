// in 0.1: 10 10 10 12 10 -5 5 1 0
// expect 0.1: 13 7 8 13 6 -7 7 99 42
struct A { add: atomic<u32>, sub: atomic<u32>, and_: atomic<u32>, or_: atomic<u32>, xor_: atomic<u32>, min_: atomic<i32>, max_: atomic<u32>, st: atomic<i32>, ex: atomic<u32> }
@group(0) @binding(1) var<storage, read_write> a: A;
fn bump(p: ptr<storage, atomic<u32>, read_write>) { atomicAdd(p, 3); }
@compute @workgroup_size(1) fn main() {
  bump(&a.add); atomicSub(&a.sub, 3); atomicAnd(&a.and_, 12); atomicOr(&a.or_, 1); atomicXor(&a.xor_, 12);
  atomicMin(&a.min_, -7); atomicMax(&a.max_, 7); atomicStore(&a.st, 99); atomicExchange(&a.ex, 42u);
}
