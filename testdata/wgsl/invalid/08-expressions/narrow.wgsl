fn f(a: u32) { let c: i32 = a; }
// error 1:29 the value of c is u32, want i32
