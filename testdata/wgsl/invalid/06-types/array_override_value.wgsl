override n: u32; var<workgroup> a: array<u32, n>; fn f() { let b = a; }
// error 1:68 a value of type array<u32, (override)> cannot be loaded as a whole
