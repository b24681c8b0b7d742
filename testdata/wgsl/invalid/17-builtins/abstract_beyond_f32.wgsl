const a = exp(100.0);
const b = pow(10.0, 40.0);
const c = sin(1e60);
// error 1:11 the value of "exp" is not finite in f32, in which it is computed
// error 2:11 the value of "pow" is not finite in f32, in which it is computed
// error 3:11 value 1e+60 cannot be represented as f32
