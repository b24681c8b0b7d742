const a = 1.0 / 0.0;
// error 1:15 "/" overflows abstract-float: 1 / 0
