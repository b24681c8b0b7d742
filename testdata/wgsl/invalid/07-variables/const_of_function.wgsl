fn f() -> u32 { return 1; } const a = f();
// error 1:39 function "f" cannot be called outside a function
