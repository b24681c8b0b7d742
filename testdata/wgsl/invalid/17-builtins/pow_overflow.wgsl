const a = pow(10f, 40f);
// error 1:11 the value of "pow" is not finite here
