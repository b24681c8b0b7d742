fn f(a: bool) -> u32 { if a { } else { return 1; } }
// error 1:52 function "f" can end without returning its value of type u32
