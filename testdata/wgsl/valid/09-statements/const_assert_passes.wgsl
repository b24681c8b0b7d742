// expect 0.0: 15
const a = 3; const_assert a == 3; const_assert(a + 1 > 2); const_assert true || 1 / 0 == 1; const_assert vec2(1, 2).y == 2;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const_assert b < 10; const b = 5;
@compute @workgroup_size(1)
fn main() { const_assert a < b; const c = a * b; const_assert (c == 15) && all(vec2(true)); { const a = 9; const_assert a > 8; } out[0] = c; }
