fn f(a: array<u32, 2>, b: array<u32, 2>) -> bool { return a == b; }
// error 1:61 operator "==" cannot take array<u32, 2> and array<u32, 2>
