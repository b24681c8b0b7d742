1 + 2;
// error 1:1 expected a declaration, found integer literal "1"
