// proof: conditional X,1,1
// dispatch: 2,1,1  words: 4
// The same with few invocations: none of them meet.
@group(0) @binding(0) var<storage, read_write> a: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  a[id.x * 0x20000000u] = id.x;
}
