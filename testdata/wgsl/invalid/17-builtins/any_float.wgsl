const a = any(1.0);
// error 1:11 builtin function "any" cannot take (abstract-float); it wants a bool or a vector of bool
