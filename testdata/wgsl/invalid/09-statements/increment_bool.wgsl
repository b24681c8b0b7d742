fn f() { var a = true; a++; }
// error 1:25 "++" wants an i32 or u32, found bool
