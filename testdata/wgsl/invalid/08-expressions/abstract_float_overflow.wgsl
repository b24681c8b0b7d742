const a = 1e308 * 10;
// error 1:17 "*" overflows abstract-float: 1e+308 * 10
