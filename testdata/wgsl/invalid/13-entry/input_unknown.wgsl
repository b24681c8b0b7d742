@compute @workgroup_size(1) fn main(@builtin(thread_id) a: vec3u) {}
// error 1:46 unknown builtin input "thread_id"
