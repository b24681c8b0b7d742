const a = inverseSqrt(0.0);
// error 1:11 the value of "inverseSqrt" is not finite in f32, in which it is computed
