// proof: proven X,1,1
// dispatch: 2,1,1  words: 80
@group(0) @binding(0) var<storage, read_write> a: array<u32>;
@compute @workgroup_size(32) fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x / 5u;
  let column = id.x % 5u;
  a[row * 6u + column] = id.x;
}
