const a = 3e38f * 10f;
// error 1:17 "*" overflows f32: 3.0000000054977558e+38 * 10
