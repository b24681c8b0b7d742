@group(0) @binding(0) var<storage> a: array<u32>; fn f() -> u32 { return a[-1]; }
// error 1:76 index -1 is out of bounds of array<u32>
