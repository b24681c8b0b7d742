const a = max(1);
// error 1:11 builtin function "max" is called with 1 arguments, want 2
