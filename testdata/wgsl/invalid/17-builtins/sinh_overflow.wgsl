const a = sinh(100f);
// error 1:11 the value of "sinh" is not finite here
