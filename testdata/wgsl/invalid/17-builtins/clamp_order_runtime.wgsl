fn f(a: i32) -> i32 { return clamp(a, 5, 2); }
// error 1:30 clamp from 5 to 2: the bounds are the wrong way round
