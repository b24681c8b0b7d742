fn f() { var a = vec3(1, 2, 3); a.xy++; }
// error 1:37 "++" wants an i32 or u32, found vec2<i32>
