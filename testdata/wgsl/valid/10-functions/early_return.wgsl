// in 0.1: 1 2 5 100
// expect 0.0: 11 4 7 0
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
fn g(n: u32) -> u32 {
  var i = 0u;
  while true {
    if i * i >= n { break; }
    if i > 6 { return 0; }
    i++;
    if n == 1 { loop { if i > 10 { return i; } i++; } }
  }
  if n == 2 { return i + 2; }
  return i + 4;
}
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { out[i] = g(x[i]); }
