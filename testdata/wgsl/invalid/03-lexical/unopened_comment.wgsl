const a = 1; */
// error 1:14 expected a declaration, found "*"
