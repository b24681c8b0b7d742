@compute @workgroup_size(1) fn main(@builtin(workgroup_id) @builtin(num_workgroups) a: vec3u) {}
// error 1:60 attribute @builtin is given twice
