fn f() { var a: array<u32>; }
// error 1:17 type array<u32> cannot be stored in address space function: it must be constructible
