const a = 12abc;
// error 1:11 literal "12" runs into "abc"
