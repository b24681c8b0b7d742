// in 0.1: 3 5 7
// expect 0.0: 3 1 1 1 1
@group(0) @binding(1) var<storage, read> inp: array<u32>;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn pick(a: bool, b: bool) -> u32 { return u32(a) + 2 * u32(b); }
@compute @workgroup_size(1)
fn main() {
  let a = inp[0]; let b = inp[1]; let c = inp[2];
  out[0] = pick((a < b), c > b); // without the parentheses it would be a template list
  out[1] = u32(a < (b) && c > (b));
  out[2] = u32(inp[0]<inp[1]);
  if a<b { out[3] = 1; } else if a>b { out[3] = 2; }
  out[4] = u32((a<b)==(c>b));
}
