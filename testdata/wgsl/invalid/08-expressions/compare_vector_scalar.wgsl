fn f(a: vec2u) -> bool { return all(a == 1u); }
// error 1:39 operator "==" cannot take vec2<u32> and u32
