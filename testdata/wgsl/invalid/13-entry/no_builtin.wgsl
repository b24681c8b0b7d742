@compute @workgroup_size(1) fn main(a: vec3u) { }
// error 1:37 input "a" of entry point "main" needs @builtin
