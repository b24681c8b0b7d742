fn f(x: i32) { let a = x / 0; }
// error 1:26 integer division by zero
