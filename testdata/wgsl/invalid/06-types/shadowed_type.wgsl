fn f() { let vec2f = 1; var a: vec2f; }
// error 1:32 "vec2f" is not a type
