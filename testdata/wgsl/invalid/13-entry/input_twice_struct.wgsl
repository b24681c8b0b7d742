struct I { @builtin(workgroup_id) a: vec3u } @compute @workgroup_size(1) fn main(i: I, @builtin(workgroup_id) b: vec3u) {}
// error 1:88 builtin input "workgroup_id" is given twice in entry point "main"
