fn f(a: bool) -> u32 { if a { return 1; } }
// error 1:43 function "f" can end without returning its value of type u32
