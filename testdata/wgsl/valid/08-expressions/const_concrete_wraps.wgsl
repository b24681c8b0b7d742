// expect 0.0: 0 0x80000000 65536 0xffffffff 0x80000000 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const a = 4294967295u + 1u; const b = 2147483647i + 1i; const c = 65536u * 65537u; const d = 1u - 2u; const e = -(-2147483647i - 1i); const f = -(-0x7fffffffffffffff - 1);
@compute @workgroup_size(1)
fn main() { out[0] = a; out[1] = u32(b); out[2] = c; out[3] = d; out[4] = u32(e); out[5] = u32(f == -0x7fffffffffffffff - 1); }
