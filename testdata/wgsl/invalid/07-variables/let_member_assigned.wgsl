fn f() { let a = vec2(1, 2); a.x = 3; }
// error 1:30 "a" cannot be assigned to: it is not a var
