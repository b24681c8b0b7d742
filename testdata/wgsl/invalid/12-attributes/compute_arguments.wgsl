@compute(1) @workgroup_size(1) fn main() {}
// error 1:1 attribute @compute takes no arguments
