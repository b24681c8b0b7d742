const a: i32 = 1.0;
// error 1:16 the value of a is abstract-float, want i32
