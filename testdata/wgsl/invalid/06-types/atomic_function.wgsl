fn f() { var a: atomic<u32>; }
// error 1:17 type atomic<u32> cannot be stored in address space function: it must be constructible
