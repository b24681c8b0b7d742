fn f(a: array<u32, 2>) { var b: array<u32, 3> = a; }
// error 1:49 the value of b is array<u32, 2>, want array<u32, 3>
