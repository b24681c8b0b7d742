const a = b; const b = a; @compute @workgroup_size(a) fn main() {}
// error 1:24 "a" depends on itself
