// in 0.1: 6
// expect 0.0: 6 5 5 15 5
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let a = inp[0]; let b: u32 = 5; let c = vec2(a, b); let d = array(a, b, 7); let p = &out[3]; *p = c.x + d[2];
  out[0] = a; out[1] = b; out[2] = c.y; let q = p; *q += 1; let r: ptr<storage, u32, read_write> = q; *r += 1; out[4] = d[inp[0] - 5];
}
