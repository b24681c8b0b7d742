@workgroup_size(1) fn main() {}
// error 1:1 @workgroup_size is allowed only with @compute
