const a = 1.2.3;
// error 1:14 expected ";" after the declaration, found float literal ".3"
