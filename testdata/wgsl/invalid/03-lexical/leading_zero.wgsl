const a = 012;
// error 1:11 integer literal "012" has a leading zero
