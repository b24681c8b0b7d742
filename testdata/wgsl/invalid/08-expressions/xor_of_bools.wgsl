fn f(a: bool) -> bool { return a ^ a; }
// error 1:34 operator "^" cannot take bool and bool
