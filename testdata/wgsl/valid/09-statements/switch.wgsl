// in 0.1: 0 1 2 3 4 5
// expect 0.0: 100 7 7 9 42 100
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<i32>;
fn f(v: i32) -> u32 {
  var r = 100u;
  switch v {
    case 1, 2: { r = 7; }
    case 3 { r = 8; if (v == 3) { r = 9; break; } r = 1; }
    case 4 { return 42; }
    default { }
  }
  return r;
}
@compute @workgroup_size(6) fn main(@builtin(local_invocation_index) i: u32) { out[i] = f(x[i]); }
