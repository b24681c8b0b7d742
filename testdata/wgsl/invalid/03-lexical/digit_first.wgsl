const 1a = 1;
// error 1:7 literal "1" runs into "a"
