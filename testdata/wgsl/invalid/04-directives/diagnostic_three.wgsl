diagnostic(off, a, b);
// error 1:1 diagnostic has 3 arguments, want a severity and a rule
