fn f() { g(); }
fn g() { f(); }
// error 2:10 function "g" calls "f" again: recursion is forbidden
