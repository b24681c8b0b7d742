fn f() -> u32 { for (var i = 0; i < 1; i++) { return 1; } }
// error 1:59 function "f" can end without returning its value of type u32
