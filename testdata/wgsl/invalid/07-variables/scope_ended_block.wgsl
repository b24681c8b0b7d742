fn f() -> u32 { { let a = 1u; } return a; }
// error 1:40 unknown name "a"
