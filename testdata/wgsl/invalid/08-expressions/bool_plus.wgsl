const a = true + 1;
// error 1:16 operator "+" cannot take bool and abstract-int
