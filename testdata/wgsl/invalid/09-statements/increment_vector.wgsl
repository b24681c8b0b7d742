fn f() { var a = vec2(1, 2); a++; }
// error 1:31 "++" wants an i32 or u32, found vec2<i32>
