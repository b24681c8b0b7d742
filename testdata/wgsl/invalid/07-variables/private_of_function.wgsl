fn f() -> u32 { return 1; } var<private> a: u32 = f();
// error 1:51 function "f" cannot be called outside a function
