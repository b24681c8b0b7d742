diagnostic(off);
// error 1:1 diagnostic has 1 arguments, want a severity and a rule
