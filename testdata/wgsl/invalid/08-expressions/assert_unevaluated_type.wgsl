const a = false && 1;
// error 1:17 operator "&&" cannot take bool and abstract-int
