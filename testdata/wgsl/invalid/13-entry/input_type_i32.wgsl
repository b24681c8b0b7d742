@compute @workgroup_size(1) fn main(@builtin(workgroup_id) a: vec3i) {}
// error 1:60 builtin input "workgroup_id" is vec3<u32>, not vec3<i32>
