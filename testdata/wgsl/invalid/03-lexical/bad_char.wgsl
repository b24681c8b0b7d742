const a = 1 $ 2;
// error 1:13 unexpected character '$'
// error 1:15 expected ";" after the declaration, found integer literal "2"
