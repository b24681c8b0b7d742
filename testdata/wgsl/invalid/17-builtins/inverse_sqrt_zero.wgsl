const a = inverseSqrt(0.0);
// error 1:11 the value of "inverseSqrt" is not finite here
