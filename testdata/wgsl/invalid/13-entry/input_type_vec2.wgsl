@compute @workgroup_size(1) fn main(@builtin(global_invocation_id) a: vec2u) {}
// error 1:68 builtin input "global_invocation_id" is vec3<u32>, not vec2<u32>
