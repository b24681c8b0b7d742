const a = 1U;
// error 1:11 literal "1" runs into "U"
