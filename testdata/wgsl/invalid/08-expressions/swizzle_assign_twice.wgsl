fn f() { var a = vec3(1, 2, 3); a.xx = vec2(1, 2); }
// error 1:33 component 'x' is assigned to twice
