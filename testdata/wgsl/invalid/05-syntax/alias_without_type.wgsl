alias A = ;
// error 1:11 expected a type, found ";"
