@compute
// error 3:1 expected a declaration, found end of text
