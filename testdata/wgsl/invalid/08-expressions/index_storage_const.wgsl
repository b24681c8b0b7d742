@group(0) @binding(0) var<storage> a: array<u32, 4>; fn f() -> u32 { return a[4]; }
// error 1:79 index 4 is out of bounds of array<u32, 4>
