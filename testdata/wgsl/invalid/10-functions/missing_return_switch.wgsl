fn f(a: u32) -> u32 { switch a { case 1 { return 1; } default { } } }
// error 1:69 function "f" can end without returning its value of type u32
