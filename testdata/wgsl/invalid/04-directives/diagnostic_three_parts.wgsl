diagnostic(off, a.b.c);
// error 1:20 expected ")" after the diagnostic rule, found "."
