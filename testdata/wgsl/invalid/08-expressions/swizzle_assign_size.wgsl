fn f() { var a = vec3(1, 2, 3); a.xy = vec3(1, 2, 3); }
// error 1:40 the assigned value is vec3<abstract-int>, want vec2<i32>
