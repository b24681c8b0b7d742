const a = 1e38f * 10f;
// error 1:17 "*" overflows f32: 9.999999680285692e+37 * 10
