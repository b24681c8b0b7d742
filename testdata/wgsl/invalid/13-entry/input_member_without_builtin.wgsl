struct I { @builtin(workgroup_id) a: vec3u, b: u32 } @compute @workgroup_size(1) fn main(i: I) {}
// error 1:45 input "b" of entry point "main" needs @builtin
