const a = 1
const b = 2;
// error 2:1 expected ";" after the declaration, found "const"
