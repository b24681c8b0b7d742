fn f() { }
fn g() { let a = f(); }
// error 2:18 function "f" gives no value
