const a = 0b101;
// error 1:11 literal "0" runs into "b101"
