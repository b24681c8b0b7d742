@compute @workgroup_size(32, 32) fn main() { }
// error 1:10 a workgroup of 1024 invocations is too large, at most 256 are allowed
