// expect 0.0: 7 9
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
struct In { @builtin(local_invocation_id) l: vec3u }
fn f(i: In) -> u32 { return i.l.x * 2; }
@compute @workgroup_size(2) fn main(in: In) { var x = in; x.l.y = 7; out[in.l.x] = f(in) + x.l.y; }
