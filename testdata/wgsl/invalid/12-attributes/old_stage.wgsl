@stage(compute) @workgroup_size(1) fn main() {}
// error 1:1 unknown attribute @stage
