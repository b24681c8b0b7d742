const a = 017;
// error 1:11 integer literal "017" has a leading zero
