fn f(a: vec2<bool>) -> vec2<bool> { return a && a; }
// error 1:46 operator "&&" cannot take vec2<bool> and vec2<bool>
