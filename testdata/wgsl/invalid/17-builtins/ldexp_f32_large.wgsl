const a = ldexp(1f, 129);
// error 1:11 exponent 129 of ldexp is greater than 128
