requires;
// error 1:9 expected an identifier in the directive, found ";"
