var<private> a: vec2<u32, 2>;
// error 1:17 type "vec2" has 2 template arguments, want 1
