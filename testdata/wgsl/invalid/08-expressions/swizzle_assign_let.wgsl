fn f() { let a = vec3(1, 2, 3); a.xy = vec2(1, 2); }
// error 1:33 "a" cannot be assigned to: it is not a var
