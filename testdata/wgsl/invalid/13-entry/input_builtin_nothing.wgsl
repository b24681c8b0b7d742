@compute @workgroup_size(1) fn main(@builtin() a: vec3u) {}
// error 1:37 attribute @builtin has 0 arguments, want 1
