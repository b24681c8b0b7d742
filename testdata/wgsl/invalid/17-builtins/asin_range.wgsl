const a = asin(-1.5);
// error 1:11 the value of "asin" is not finite in f32, in which it is computed
