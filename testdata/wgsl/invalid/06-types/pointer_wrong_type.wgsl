fn f(p: ptr<function, u32>) {} fn h() { var x = 1i; f(&x); }
// error 1:55 argument p is ptr<function, i32>, want ptr<function, u32>
