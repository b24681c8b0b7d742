const a = sin();
// error 1:11 builtin function "sin" is called with 0 arguments, want 1
