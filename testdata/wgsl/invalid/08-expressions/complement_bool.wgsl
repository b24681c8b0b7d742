fn f(a: bool) -> bool { return ~a; }
// error 1:32 operator "~" cannot take bool
