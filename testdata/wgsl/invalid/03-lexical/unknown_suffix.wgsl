const a = 1l;
// error 1:11 literal "1" runs into "l"
