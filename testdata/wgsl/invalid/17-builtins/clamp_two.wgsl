const a = clamp(1, 2);
// error 1:11 builtin function "clamp" is called with 2 arguments, want 3
