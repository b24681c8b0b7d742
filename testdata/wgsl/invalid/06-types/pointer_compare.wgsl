fn f(p: ptr<function, u32>, q: ptr<function, u32>) -> bool { return p == q; }
// error 1:71 operator "==" cannot take ptr<function, u32> and ptr<function, u32>
