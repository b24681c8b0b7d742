fn f() { var a = vec3(1, 2, 3); a.xy = 1; }
// error 1:40 the assigned value is abstract-int, want vec2<i32>
