@compute @workgroup_size(1, 1, 128) fn main() { }
// error 1:32 @workgroup_size is at most [256 256 64], found 128
