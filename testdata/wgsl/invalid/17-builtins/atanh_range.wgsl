const a = atanh(1.0);
// error 1:11 the value of "atanh" is not finite in f32, in which it is computed
