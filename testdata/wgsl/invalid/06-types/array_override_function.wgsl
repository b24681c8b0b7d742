override n: u32; fn f() { var a: array<u32, n>; }
// error 1:34 type array<u32, (override)> cannot be stored in address space function: it must be constructible
