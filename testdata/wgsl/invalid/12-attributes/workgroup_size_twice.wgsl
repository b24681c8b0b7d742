@compute @workgroup_size(1) @workgroup_size(1) fn main() {}
// error 1:29 attribute @workgroup_size is given twice
