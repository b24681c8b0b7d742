fn f(p: ptr<function, u32>) -> u32 { return p + 1; }
// error 1:47 operator "+" cannot take ptr<function, u32> and abstract-int
