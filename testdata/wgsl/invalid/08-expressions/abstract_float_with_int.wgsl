fn f(a: i32) -> i32 { return a * 1.5; }
// error 1:32 operator "*" cannot take i32 and abstract-float
