const a = 1e1.5;
// error 1:14 expected ";" after the declaration, found float literal ".5"
