fn f() -> u32 { while true { return 1; } }
// error 1:42 function "f" can end without returning its value of type u32
