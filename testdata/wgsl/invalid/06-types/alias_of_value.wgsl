const a = 1; alias A = a;
// error 1:24 "a" is not a type
