@compute @compute @workgroup_size(1) fn main() {}
// error 1:10 attribute @compute is given twice
