@compute @workgroup_size(1) fn main(@builtin(workgroup_id) a: vec3u, @builtin(workgroup_id) b: vec3u) {}
// error 1:70 builtin input "workgroup_id" is given twice in entry point "main"
