fn f(a: u32) -> u32 { loop { if a > 1 { break; } } }
// error 1:52 function "f" can end without returning its value of type u32
