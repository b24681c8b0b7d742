@compute @workgroup_size(1) fn main(@builtin(1) a: vec3u) {}
// error 1:37 @builtin wants a name
