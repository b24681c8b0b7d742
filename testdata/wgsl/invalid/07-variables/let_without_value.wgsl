fn f() { let a: u32; }
// error 1:20 let "a" needs a value
