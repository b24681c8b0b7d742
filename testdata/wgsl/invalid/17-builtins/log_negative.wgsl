const a = log(-1.0);
// error 1:11 the value of "log" is not finite in f32, in which it is computed
