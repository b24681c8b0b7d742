// expect 0.0: 10 46 11 23 11 101 15
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const a = 1u; fn b() -> u32 { return 2; } struct c { x: u32 } alias d = u32;
@compute @workgroup_size(1)
fn main() {
  out[0] = a + b() + c(3).x + d(4);
  let a = 10u; let b = 11u; let c = 12u; let d = 13u; out[1] = a + b + c + d;
  { let a = a + 1; out[2] = a; { var a = a * 2; a += 1; out[3] = a; } out[4] = a; }
  for (var a = 0u; a < 2; a++) { let a = a + 100; out[5] = a; } if true { let b = 5u; out[6] = b + a; }
}
