const a = 1_000;
// error 1:11 literal "1" runs into "_000"
