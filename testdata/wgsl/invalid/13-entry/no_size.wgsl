@compute fn main() { }
// error 1:13 compute shader "main" needs @workgroup_size
