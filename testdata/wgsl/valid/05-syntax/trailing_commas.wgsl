// expect 0.0: 3 4 6
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct S { a: u32, b: u32, }
fn f(a: u32, b: u32,) -> u32 { return a + b; }
@compute @workgroup_size(1,1,) fn main(@builtin(local_invocation_index) i: u32,) {
  let s = S(1, 2,); out[0] = f(s.a, s.b,); out[1] = max(3u, 4u,);
  switch s.a { case 1, 5,: { out[2] = 6; } default: {} }
}
