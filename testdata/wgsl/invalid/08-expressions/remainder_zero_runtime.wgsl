fn f(a: i32) -> i32 { return a % 0; }
// error 1:32 integer division by zero
