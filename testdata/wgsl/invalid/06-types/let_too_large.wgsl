fn f() { let a = 4294967295; }
// error 1:18 value 4294967295 cannot be represented as i32
