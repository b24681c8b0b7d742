// expect 0.0: 1 2 3
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
const n = 3;
@compute @workgroup_size(1)
fn main() {
  var a: array<u32, n + 1>; var b: array<u32, n * (n - 1)>; var c: array<u32, select(1, 2, n > 2)>;
  a[3] = 1; b[5] = 2; c[1] = 3;
  out[0] = a[3]; out[1] = b[5]; out[2] = c[1];
}
