const a = acosh(0.5);
// error 1:11 the value of "acosh" is not finite in f32, in which it is computed
