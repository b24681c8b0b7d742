fn f(a: vec2<bool>) { if a { } }
// error 1:26 the condition of if is a bool, not vec2<bool>
