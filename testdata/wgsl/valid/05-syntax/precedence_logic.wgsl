// in 0.1: 1 0 1
// expect 0.0: 0 1 1 1 1
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let a = inp[0] == 1; let b = inp[1] == 1; let c = inp[2] == 1;
  out[0] = u32(a && b && c); out[1] = u32(a || b || c); out[2] = u32((a && b) || c); out[3] = u32(a == b || c != b); out[4] = u32(!a || c);
}
