override z = 0; const one = 1; fn f() -> i32 { return one / 0; }
// error 1:59 integer division by zero
