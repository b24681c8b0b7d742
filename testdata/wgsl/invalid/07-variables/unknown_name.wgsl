fn f() -> i32 { return nope; }
// error 1:24 unknown name "nope"
