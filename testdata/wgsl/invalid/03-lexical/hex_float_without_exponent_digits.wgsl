const a = 0x1.8p;
// error 1:11 literal "0x1.8p" has an exponent without digits
