// expect 0.0: 6 22 25 6 3 5 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
fn start() -> u32 { return 3; }
@compute @workgroup_size(1)
fn main() {
  var n = 0u; for (n = 2; n < 5; n += 2) {} out[0] = n; for (let k = 4u; n < 20;) { n += k; } out[1] = n; for (const c = 1u; n < 25; n += c) {} out[2] = n;
  for (var i = start(); i > 0; i--) { out[3] += i; } var i = 0u; for (i++; i < 3; i++) {} out[4] = i; for (_ = start(); i < 5; i++) {} out[5] = i; for (;;) { out[6] += 1; if out[6] > 4 { break; } }
}
