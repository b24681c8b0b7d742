const a: u32 = 1i;
// error 1:16 the value of a is i32, want u32
