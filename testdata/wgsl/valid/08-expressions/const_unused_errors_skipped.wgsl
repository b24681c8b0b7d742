// expect 0.0: 1
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
// An index that is never evaluated may be out of bounds of nothing: only its type is checked.
const t = true || array(1, 2)[1] == 3; const f = false && sqrt(4.0) > 1;
@compute @workgroup_size(1)
fn main() { out[0] = u32(t) + u32(f); }
