// in 0.1: 1 0
// expect 0.0: 0 1 0 1 0 1 1 1
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let t = inp[0] == 1; let f = inp[1] == 1;
  out[0] = u32(t & f); out[1] = u32(t | f); out[2] = u32(t == f); out[3] = u32(t != f); out[4] = u32(!t); out[5] = u32(t && !f); out[6] = u32(f || t); out[7] = u32(all(vec2<bool>(t, f) == vec2<bool>(true, false)));
}
