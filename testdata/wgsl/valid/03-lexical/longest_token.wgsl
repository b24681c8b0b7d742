// expect 0.0: 7 8 2 -4
@group(0) @binding(0) var<storage, read_write> out: array<i32>;
// The longest token wins, except where a template list ends.
@compute @workgroup_size(1)
fn main() {
  var i = 5; let j = 3;
  i+=1; i-=2; out[0] = i- -j; out[1] = i<<1u; out[2] = i>>1u; i*=-1; out[3] = i;
}
