fn f(n: u32) { var a: array<u32, n>; }
// error 1:34 the length of an array must be an expression of constants and overrides
