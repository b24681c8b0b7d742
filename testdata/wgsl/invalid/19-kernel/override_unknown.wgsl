// override: m=1
@compute @workgroup_size(1) fn main() { }
// kernel-error 1:1 the module has no override "m"
