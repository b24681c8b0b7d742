// in 0.1: 7 3 2
// expect 0.0: 13 2 4 3 -21 -21 20 6
@group(0) @binding(1) var<storage, read> inp: array<i32>;
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
@compute @workgroup_size(1)
fn main() {
  let a = inp[0]; let b = inp[1]; let c = inp[2];
  out[0] = a + b * c; out[1] = a - b - c; out[2] = a / b * c; out[3] = a % b + c; out[4] = -a * b; out[5] = a * -b; out[6] = (a + b) * c; out[7] = a - b % c;
}
