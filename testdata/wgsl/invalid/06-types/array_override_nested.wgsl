override n: u32; var<workgroup> a: array<array<u32, n>, 2>;
// error 1:42 array<u32, (override)> cannot be the element of an array
