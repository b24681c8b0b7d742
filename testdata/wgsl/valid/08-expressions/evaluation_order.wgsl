// expect 0.0: 123 456 456 789 12 34 121 123
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
fn t(x: u32) -> u32 { n = n * 10 + x; return x; }
fn three(a: u32, b: u32, c: u32) -> u32 { return a * 100 + b * 10 + c; }
@compute @workgroup_size(1)
fn main() {
  let a = t(1) + t(2) * t(3); out[0] = n; n = 0; out[1] = three(t(4), t(5), t(6)); out[2] = n; n = 0; let v = vec3u(t(7), t(8), t(9)); out[3] = n; n = 0;
  var arr = array<u32, 4>(); arr[t(1)] = t(2); out[4] = n; n = 0; arr[t(3)] += t(4); out[5] = n; n = 0; _ = array(t(1), t(2))[t(1)]; out[6] = n; n = 0; _ = select(t(1), t(2), t(3) > 1); out[7] = n + a - a + v.x - v.x;
}
