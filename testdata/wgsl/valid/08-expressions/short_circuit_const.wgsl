// expect 0.0: 0 1 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// What a constant && or || skips is checked for types and not evaluated.
const a = false && (1 / 0 == 1); const b = true || (1u << 40u) == 1; const c = false && vec2(1, 2)[1] == 2;
@compute @workgroup_size(1)
fn main() { out[0] = u32(a); out[1] = u32(b); out[2] = u32(c); }
