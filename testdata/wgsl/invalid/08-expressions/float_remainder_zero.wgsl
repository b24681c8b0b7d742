const a = 1f % 0f;
// error 1:14 "%" overflows f32: 1 % 0
