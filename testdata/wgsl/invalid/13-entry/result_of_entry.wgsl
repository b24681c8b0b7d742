@compute @workgroup_size(1) fn main() -> u32 { return 1; }
// error 1:42 a compute shader gives no value
