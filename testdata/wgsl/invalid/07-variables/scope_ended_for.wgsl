fn f() -> i32 { for (var i = 0; i < 3; i++) { } return i; }
// error 1:56 unknown name "i"
