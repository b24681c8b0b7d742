fn f() { let n = 3; var a: array<u32, n>; }
// error 1:39 the length of an array must be an expression of constants and overrides
