struct S { a: array<u32, n> } const n = u32(S().a[0]) + 1;
// error 1:45 "S" depends on itself
