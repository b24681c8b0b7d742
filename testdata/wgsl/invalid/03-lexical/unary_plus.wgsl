const a = +1;
// error 1:11 expected an expression, found "+"
