fn f() { var a = vec3(1, 2, 3); a.xy += vec3(1, 2, 3); }
// error 1:38 operator "+" cannot take vec2<i32> and vec3<abstract-int>
