const a = degrees(1e38f);
// error 1:11 the value of "degrees" is not finite here
