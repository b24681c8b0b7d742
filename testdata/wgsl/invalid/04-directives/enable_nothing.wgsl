enable;
// error 1:7 expected an identifier in the directive, found ";"
