enable f16
const a = 1;
// error 2:1 expected ";" after the directive, found "const"
