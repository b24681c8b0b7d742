var<private> a: vec2;
// error 1:17 type "vec2" has 0 template arguments, want 1
