@compute @workgroup_size(1) fn main(@builtin(workgroup_index) a: vec3u) {}
// error 1:63 builtin input "workgroup_index" is u32, not vec3<u32>
