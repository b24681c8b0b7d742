override a: u32 = 1.5;
// error 1:19 the value of a is abstract-float, want u32
