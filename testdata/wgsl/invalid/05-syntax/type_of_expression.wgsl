var<private> a: 1 + 2;
// error 1:17 expected a type, found integer literal "1"
