const a = exp(1000.0);
// error 1:11 the value of "exp" is not finite in f32, in which it is computed
