const target = 1;
// error 1:7 "target" is a reserved word
