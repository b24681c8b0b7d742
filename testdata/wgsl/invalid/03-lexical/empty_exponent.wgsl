const a = 1e+;
// error 1:11 literal "1e+" has an exponent without digits
