// in 0.1: 0 1 2 3
// expect 0.0: 10 11 12 13
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
fn f(v: u32) -> u32 {
  if v == 0 { return 10; } else if (v == 1) { return 11; }
  var r = 0u;
  if v == 2 { r = 12; } else { r = 13; }
  return r;
}
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { out[i] = f(x[i]); }
