const a = sqrt(-1.0);
// error 1:11 the value of "sqrt" is not finite here
