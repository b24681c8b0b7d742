const a = pow(-2.0, 0.5);
// error 1:11 the value of "pow" is not finite in f32, in which it is computed
