// expect 0.0: 12 123 4 2
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
var<private> trace = 0u;
fn t(n: u32) -> u32 { trace = trace * 10 + n; return n; }
fn three(a: u32, b: u32, c: u32) -> u32 { return trace; }
@compute @workgroup_size(1) fn main() {
  let a = t(1) + t(2); out[0] = trace;
  trace = 0; out[1] = three(t(1), t(2), t(3));
  trace = 0; out[t(2)] = t(3) + trace * 0 + 1;
  var v = vec2u(1, 2); v = v.yx; out[3] = v.x;
}
