const loop = 1;
// error 1:7 expected an identifier after const, found "loop"
