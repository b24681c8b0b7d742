@compute @workgroup_size(1) fn main(@builtin(local_invocation_index) a: vec3u) {}
// error 1:70 builtin input "local_invocation_index" is u32, not vec3<u32>
