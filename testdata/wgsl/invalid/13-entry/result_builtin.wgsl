@compute @workgroup_size(1) fn main() -> @builtin(position) vec4f { return vec4f(); }
// error 1:61 a compute shader gives no value
