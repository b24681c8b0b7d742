// expect 0.0: 0 10 1 1 12 112
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> n: u32;
fn yes() -> bool { n += 1; return true; }
fn no() -> bool { n += 10; return false; }
@compute @workgroup_size(1)
fn main() {
  out[0] = u32(no() && yes()); out[1] = n; n = 0; out[2] = u32(yes() || no()); out[3] = n; n = 0;
  if (yes() && no()) || yes() { out[4] = n; } n = 0; var b = no() || (yes() && yes()); out[5] = n + u32(b) * 100;
}
