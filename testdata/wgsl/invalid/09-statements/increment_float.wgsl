fn f() { var a = 1.0; a++; }
// error 1:24 "++" wants an i32 or u32, found f32
