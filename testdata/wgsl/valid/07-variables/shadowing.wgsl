// expect 0.0: 1 2 3 2 10 4
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const x = 1u;
fn max(a: u32) -> u32 { return a + 1; }
@compute @workgroup_size(1) fn main() {
  out[0] = x;
  let x = x + 1;
  out[1] = x;
  { let x = x + 1; out[2] = x; }
  out[3] = x;
  for (var x = 10u; x < 11; x++) { out[4] = x; }
  out[5] = max(3);
}
